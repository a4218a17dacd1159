import { relative } from 'node:path'
import { root } from './configs.ts'
import { isPortFree } from './ports.ts'
import type { Running } from './runtime.ts'

/** Ends the script when the port is in use. `command` is how the script was started. */
export async function requireFreePort(port: number, command: string): Promise<void> {
  if (await isPortFree(port)) return
  console.error(`Port ${port} on 127.0.0.1 is in use; stop what runs there or choose another: PORT=${port + 1} ${command}`)
  process.exit(1)
}

/**
 * Stops the runtime, and `others` after it, when the user or the parent process ends this script. The returned function stops them with
 * a reason, and shows the end of the log.
 */
export function endWithProcess(
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
  // A killed npm does not end its children; without this the runtime would keep running and hold the port.
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && void end(0), 1000).unref()
  void running.crashed.then(() => fail('the runtime ended by itself'))
  return fail
}
