import { readdirSync, readFileSync } from 'node:fs'

const ticksPerSecond = 100
const pageBytes = 4096

/** Processor milliseconds so far and resident memory of a process group, read from /proc; null where there is none, as on macOS. */
export function usageOf(group: number): { cpuMs: number; rssMb: number } | null {
  try {
    let ticks = 0
    let pages = 0
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const fields = statOf(pid)
      if (Number(fields[2]) !== group) continue
      ticks += Number(fields[11]) + Number(fields[12])
      pages += Number(fields[21])
    }
    return { cpuMs: (ticks * 1000) / ticksPerSecond, rssMb: Math.round((pages * pageBytes) / 1024 / 1024) }
  } catch {
    return null
  }
}

/** The fields of /proc/<pid>/stat after the name, which may hold anything: the state is the first of them. */
function statOf(pid: string): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    // It ended since the folder was listed.
    return []
  }
}
