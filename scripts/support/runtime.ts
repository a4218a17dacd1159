import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import type { RiggedOptions } from '../../shared/testing/faults/rigged.ts'
import { readConfigs, root } from './configs.ts'
import { toolEnvironment } from './run.ts'
import { readSettings, type Setting } from './settings.ts'

const host = '127.0.0.1'

/** The environment variable by which the runtime's processes get their options, as JSON. */
export const optionsVariable = 'CREDENZA_RUNTIME'
/** Wrangler, which reads the configs, is not to say what it reads, nor to look for values elsewhere. */
const quiet = { WRANGLER_LOG: 'error', CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV: 'false' }

/** Faults by chance in the calls between the parts, and the port at which to ask what came of it. */
export type FaultOptions = RiggedOptions & { recorder: number }

export type RuntimeOptions = {
  /** Where the first of the Workers listens; the gateway is the first of all. */
  port: number
  /** By domain, such as `['data']`; all of them when it is left out. */
  workers?: readonly string[]
  /** Vars and secrets by domain, which go before the vars of the configs. */
  bindings: Record<string, Record<string, string>>
  /** The folder that keeps what is stored; without it all is gone at the end. */
  state?: string
  /** More Workers that listen, by domain: their port. In production none of them has an address. */
  doors?: Record<string, number>
  /** Source that is run in place of a Worker's own, by domain. */
  entries?: Record<string, string>
  /** The port at which to ask what was invoked, see `counter.ts`; without it nothing is counted. */
  counter?: number
  /** With faults in all Workers but the data Worker, see `recorder.ts`. */
  faults?: FaultOptions
  /** Whether changed source runs at once; `/health` then waits for `seeded`. */
  reload?: boolean
  /** The port of the inspector, to which DevTools connect; without it there is none. */
  inspect?: number
}

export type Running = {
  url: string
  logFile: string
  /** Of the process that holds the runtime; workerd is its child. */
  pid: number
  /** Resolves when the Workers answer; rejects with the end of the log when they never will. */
  ready: Promise<void>
  /** Resolves when the runtime ended by itself; never after `stop`. */
  crashed: Promise<void>
  /** Says that the demo data is there. */
  seeded: () => void
  /** Ends all that was started, and resolves when none of it is left. */
  stop: () => Promise<void>
  lastLines: (count: number) => string
}

/** What an instance keeps on disk. Each has a folder of its own, since two runtimes cannot share one set of SQLite files. */
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
 * Starts Workers on Miniflare's API, as production bundles. `wrangler dev` is not used: its proxy and its log cost several times what
 * the Workers do. `show` gets the lines of the log that a terminal should show: errors, and what `host.ts` says of reloads and requests.
 */
export function startRuntime(options: RuntimeOptions, logFile: string, show: (line: string) => void = () => {}): Running {
  if (options.state !== undefined) mkdirSync(options.state, { recursive: true })
  mkdirSync(dirname(logFile), { recursive: true })
  const log = createWriteStream(logFile)
  const child = spawn('node', ['--no-warnings', join(root, 'scripts/support/host.ts')], {
    cwd: root,
    // The options hold secrets, so they travel where other users of the machine do not see them.
    env: { ...toolEnvironment(), ...quiet, [optionsVariable]: JSON.stringify(options) },
    stdio: ['pipe', 'pipe', 'pipe'],
    // Its own process group, so that one signal reaches the host, its bundler and the runtime.
    detached: true,
  })
  const lastLines = (count: number) => readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-count).join('\n')

  let stopping = false
  const { promise: ready, resolve: isReady, reject: isNot } = Promise.withResolvers<void>()
  ready.catch(() => {})
  const onLine = (line: string) => log.write(`${stripVTControlCharacters(line)}\n`)
  const shown = (line: string) => {
    onLine(line)
    show(line)
  }
  createInterface({ input: child.stdout }).on('line', (line) => (line === 'ready' ? isReady() : onLine(line)))
  createInterface({ input: child.stderr }).on('line', shown)
  const crashed = new Promise<void>((resolve) => {
    const ended = () => {
      if (stopping) return
      isNot(new Error(lastLines(30)))
      resolve()
    }
    child.once('error', (error) => {
      log.write(`${error.stack}\n`)
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
    seeded: () => void child.stdin.write('seeded\n'),
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
