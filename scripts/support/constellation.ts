import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { readConfigs, root } from './configs.ts'
import { toolEnvironment } from './run.ts'

const host = '127.0.0.1'

export type Running = {
  url: string
  logFile: string
  /** Resolves when wrangler ended by itself; never after `stop`. */
  crashed: Promise<void>
  /** Ends wrangler and all it started, and resolves when none of them is left. */
  stop: () => Promise<void>
  lastLines: (count: number) => string
}

/** Whether nothing listens on this port of 127.0.0.1. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, host, () => probe.close(() => resolve(true)))
  })
}

/** What one instance keeps on disk. Each port has its own, because two runtimes cannot share one set of SQLite files. */
function filesOf(port: number) {
  const folder = join(root, '.wrangler')
  return {
    state: join(folder, 'state', String(port)),
    registry: join(folder, 'registry', String(port)),
    log: join(folder, port === 8787 ? 'dev.log' : `dev-${port}.log`),
  }
}

export function deleteState(port: number): void {
  rmSync(filesOf(port).state, { recursive: true, force: true })
}

/** Starts every Worker in one `wrangler dev`, the gateway on the port. `onError` gets each line of the log that is an error. */
export function startConstellation(port: number, onError: (line: string) => void): Running {
  const files = filesOf(port)
  mkdirSync(files.state, { recursive: true })
  const log = createWriteStream(files.log)
  const child = spawn(join(root, 'node_modules/.bin/wrangler'), wranglerArguments(port, files.state), {
    cwd: root,
    // The registry joins Workers of separate wrangler processes by name; a second instance has the same names.
    env: { ...toolEnvironment(), WRANGLER_REGISTRY_PATH: files.registry },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its own process group, so that one signal reaches wrangler, its bundler and the runtime.
    detached: true,
  })
  const onChunk = (chunk: Buffer) => {
    const text = stripVTControlCharacters(chunk.toString())
    log.write(text)
    for (const line of text.split('\n')) if (isError(line)) onError(line)
  }
  child.stdout.on('data', onChunk)
  child.stderr.on('data', onChunk)

  let stopping = false
  const crashed = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      log.write(`${error.stack}\n`)
      if (!stopping) resolve()
    })
    child.once('exit', () => {
      if (!stopping) resolve()
    })
  })
  return {
    url: `http://${host}:${port}`,
    logFile: files.log,
    crashed,
    stop: () => {
      stopping = true
      return endGroup(child)
    },
    lastLines: (count) => readFileSync(files.log, 'utf8').trimEnd().split('\n').slice(-count).join('\n'),
  }
}

function wranglerArguments(port: number, state: string): string[] {
  const configs = readConfigs().flatMap(({ path }) => ['--config', path])
  const address = ['--ip', host, '--port', String(port), '--inspector-ip', host, '--inspector-port', '0']
  return ['dev', ...configs, ...address, '--persist-to', state, '--show-interactive-dev-session=false']
}

/** Wrangler's own errors, and those the Workers' logger writes. */
function isError(line: string): boolean {
  return line.includes('[ERROR]') || line.includes('"level":"error"')
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
