import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type V4MiniflareOptions } from 'miniflare'
import { root } from './configs.ts'
import { optionsVariable, type RuntimeOptions } from './runtime.ts'

/**
 * Holds one Miniflare, for `startRuntime`, which gives it its options. It runs under Node, which Miniflare is made for.
 * It writes the line `ready` when all answers; all that the Workers log follows.
 */
const options: RuntimeOptions = JSON.parse(process.env[optionsVariable] ?? '{}')

/** What `prepare.ts` makes of configs and source. @throws Error with what it wrote when something does not build */
function prepare(): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'credenza-'))
  const file = join(folder, 'workers.json')
  try {
    execFileSync(process.execPath, ['--no-warnings', join(import.meta.dirname, 'prepare.ts'), file], { stdio: 'pipe' })
    return JSON.parse(readFileSync(file, 'utf8'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const miniflareOptions = () =>
  convertV4MiniflareOptions({
    host: '127.0.0.1',
    port: 0,
    cf: false,
    telemetry: { enabled: false },
    log: new Log(LogLevel.WARN),
    logRequests: false,
    // One line per entry, as the Workers' logger writes them.
    handleStructuredLogs: ({ level, message }: { level: string; message: string }) =>
      console.log(level === 'error' ? `[error] ${message}` : message),
    ...(options.state === undefined ? {} : { resourcePersistencePath: options.state }),
    workers: prepare(),
  } as unknown as V4MiniflareOptions)

/** Puts changed source in the place of what runs; what does not build changes nothing. */
function reloadOnChange(runtime: Miniflare): void {
  let timer: NodeJS.Timeout | undefined
  const reload = async () => {
    try {
      await runtime.setOptions(miniflareOptions())
      console.log('reloaded')
    } catch (error) {
      console.log(`[error] not reloaded: ${error instanceof Error ? error.message : error}`)
    }
  }
  for (const folder of ['workers', 'shared', 'wrangler']) {
    watch(join(root, folder), { recursive: true }, (_event, file) => {
      if (!/\.(tsx?|jsonc)$/.test(file ?? '') || /\.(test|e2e|d)\.ts$/.test(file ?? '')) return
      clearTimeout(timer)
      timer = setTimeout(() => void reload(), 200)
    })
  }
}

const runtime = new Miniflare(miniflareOptions())
const end = () => void runtime.dispose().finally(() => process.exit(0))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
// Whoever started it may be killed without a chance to end it.
const parent = process.ppid
setInterval(() => process.ppid !== parent && end(), 1000).unref()
await runtime.ready
if (options.watch) reloadOnChange(runtime)
console.log('ready')
