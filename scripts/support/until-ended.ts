import { relative } from 'node:path'
import { root } from './configs.ts'
import { isPortFree } from './ports.ts'
import type { Running } from './runtime.ts'

/** Ends the script when somebody listens on the port. `command` is what it was started by. */
export async function requireFreePort(port: number, command: string): Promise<void> {
  if (await isPortFree(port)) return
  console.error(`Port ${port} on 127.0.0.1 is in use; stop what runs there or choose another: PORT=${port + 1} ${command}`)
  process.exit(1)
}

/**
 * Keeps a runtime until the user, or whoever started this script, ends it; then the runtime ends too, and `others` after it. The
 * answer ends it by itself, with a reason and the end of the log.
 */
export function runUntilEnded(
  running: Running,
  others: () => Promise<unknown> = async () => {},
): (reason: string) => Promise<void> {
  let ending = false
  const end = async (code: number): Promise<void> => {
    if (ending) return
    ending = true
    await running.stop()
    await others()
    process.exit(code)
  }
  const fail = async (reason: string): Promise<void> => {
    if (ending) return
    console.error(`${running.lastLines(30)}\n\n${reason}; the whole log is in ${relative(root, running.logFile)}`)
    await end(1)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0))
  // A killed npm leaves its children behind; without this the runtime would live on and hold the port.
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && void end(0), 1000).unref()
  void running.crashed.then(() => fail('the runtime ended by itself'))
  return fail
}
