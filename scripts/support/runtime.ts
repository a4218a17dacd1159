import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import type { FaultInjection } from '../../shared/testing/faults/fault-injection.ts'
import { readConfigs, root } from './configs.ts'
import { toolEnvironment } from './run.ts'
import { readSettings, type Setting } from './settings.ts'

const host = '127.0.0.1'

/** The environment variable that carries the options to the runtime's processes, as JSON. */
export const optionsVariable = 'CREDENZA_RUNTIME'
/** The line on stderr by which the host says that the Workers answer. */
export const readyLine = 'ready'
/** Keeps wrangler, which reads the configs, from printing what it reads and from looking for values elsewhere. */
const quiet = { WRANGLER_LOG: 'error', CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: 'false' }

/** Random faults in calls between Workers, and the port where the recorder reports them. */
export type FaultOptions = FaultInjection & { recorder: number }

export type RuntimeOptions = {
  /** The port of the first Worker, which is the gateway unless `workers` leaves it out. */
  port: number
  /** Domains such as `['data']`; all when absent. */
  workers?: readonly string[]
  /** Vars and secrets by domain; they override the vars of the configs. */
  bindings: Record<string, Record<string, string>>
  /** The folder of stored data; without it all data is lost at the end. */
  state?: string
  /** Ports of more Workers, by domain. In production none of them has an address. */
  ports?: Record<string, number>
  /** Source that replaces a Worker's own, by domain. */
  entries?: Record<string, string>
  /** The port of the counter of invocations, see `counter.ts`; without it nothing is counted. */
  counter?: number
  /** Faults in all Workers but the data Worker, see `recorder.ts`. */
  faults?: FaultOptions
  /** Whether changed source runs at once; `/health` then waits for `seeded`. */
  reload?: boolean
  /** The port of the inspector, to which DevTools connect; without it there is none. */
  inspect?: number
}

export type Running = {
  url: string
  logFile: string
  /** The process that holds the runtime; workerd is its child. */
  pid: number
  /** Resolves when the Workers answer; rejects with the end of the log when they fail to start. */
  ready: Promise<void>
  /** Resolves when the runtime ends by itself; never after `stop`. */
  crashed: Promise<void>
  /** Says that the demo data is there. */
  seeded: () => void
  /** Ends all started processes, and resolves when none is left. */
  stop: () => Promise<void>
  lastLines: (count: number) => string
}

/** The stored data of an instance. Each has its own folder, since two runtimes cannot share SQLite files. */
export const stateFolder = (name: string | number): string => join(root, '.wrangler/state', String(name))

export const deleteState = (name: string | number): void => rmSync(stateFolder(name), { recursive: true, force: true })

/** Vars and secrets of a local run for every Worker, from `values`. Its views are few, so every one is published. */
export function localBindings(values: Record<string, string>): RuntimeOptions['bindings'] {
  const settings = readSettings()
  const toEntry = ({ name, kind }: Setting): [string, string][] => {
    const value = values[name] ?? (kind === 'secret' ? '' : undefined)
    return value === undefined ? [] : [[name, value]]
  }
  return Object.fromEntries(
    readConfigs().map(({ worker }) => {
      const own = settings.filter(({ workers }) => workers.includes(worker)).flatMap(toEntry)
      return [
        worker,
        { ENVIRONMENT: 'local', ...(worker === 'gateway' ? { VIEWS_PER_SAMPLE: '1' } : {}), ...Object.fromEntries(own) },
      ]
    }),
  )
}

/**
 * Starts Workers on Miniflare's API, as production bundles. `wrangler dev` costs several times what the Workers do, by its proxy and its
 * log. `show` gets the lines of the log that a terminal should show: errors, and what `host.ts` says of reloads and requests.
 */
export function startRuntime(options: RuntimeOptions, logFile: string, show: (line: string) => void = () => {}): Running {
  if (options.state !== undefined) mkdirSync(options.state, { recursive: true })
  mkdirSync(dirname(logFile), { recursive: true })
  writeFileSync(logFile, '')
  // Both processes append to it: most lines are the host's alone.
  const log = openSync(logFile, 'a')
  const child = spawn('node', ['--no-warnings', join(root, 'scripts/support/host.ts')], {
    cwd: root,
    // The options hold secrets, and other users of the machine could read arguments.
    env: { ...toolEnvironment(), ...quiet, [optionsVariable]: JSON.stringify(options) },
    stdio: ['pipe', log, 'pipe'],
    // A process group of its own, so that one signal reaches the host, its bundler and the runtime.
    detached: true,
  })
  closeSync(log)
  const lastLines = (count: number) => readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-count).join('\n')

  let stopping = false
  const { promise: ready, resolve: isReady, reject: isNot } = Promise.withResolvers<void>()
  ready.catch(() => {})
  const write = (line: string) => appendFileSync(logFile, `${stripVTControlCharacters(line)}\n`)
  const onLine = (line: string) => {
    if (line === readyLine) return isReady()
    write(line)
    show(line)
  }
  if (child.stderr) createInterface({ input: child.stderr }).on('line', onLine)
  const crashed = new Promise<void>((resolve) => {
    const ended = () => {
      if (stopping) return
      isNot(new Error(lastLines(30)))
      resolve()
    }
    child.once('error', (error) => {
      write(String(error.stack))
      ended()
    })
    child.once('exit', ended)
  })
  return {
    url: `http://${host}:${options.port}`,
    logFile,
    pid: child.pid ?? 0,
    ready,
    crashed,
    seeded: () => void child.stdin?.write('seeded\n'),
    stop: () => {
      stopping = true
      return endGroup(child)
    },
    lastLines,
  }
}

async function endGroup(child: ChildProcess): Promise<void> {
  const group = child.pid
  if (group === undefined) return
  const signal = (name: NodeJS.Signals | 0): boolean => {
    try {
      return process.kill(-group, name)
    } catch {
      return false
    }
  }
  signal('SIGTERM')
  const deadline = performance.now() + 5000
  while (signal(0)) {
    if (performance.now() > deadline) signal('SIGKILL')
    await sleep(50)
  }
}
