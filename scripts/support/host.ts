import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type V4MiniflareOptions } from 'miniflare'
import { startFrontServer } from '../dev/front-server.ts'
import { describeStartFailure, formatLog, type RuntimeLog } from '../dev/log-lines.ts'
import { startReloader } from '../dev/reloader.ts'
import { watchSources } from '../dev/source-watcher.ts'
import { stackMapper } from '../dev/stack-mapper.ts'
import type { Bundle } from './bundle.ts'
import { root } from './configs.ts'
import type { Prepared } from './prepare.ts'
import { optionsVariable, type RuntimeOptions, readyLine } from './runtime.ts'

/**
 * The process that holds Miniflare, for `startRuntime`. It runs under Node, which Miniflare is made for. Its stdout is the log. To
 * stderr it writes what a terminal should show too, and the line `ready` when the Workers answer. The line `seeded` on stdin opens
 * `/health` and makes requests part of what is shown.
 */
const options: RuntimeOptions = JSON.parse(process.env[optionsVariable] ?? '{}')
const drainMs = 3_000

/** The output of `prepare.ts` for all Workers and their configs, or for the source of some. @throws Error with what it wrote when it fails */
async function prepare(domains: readonly string[] = []): Promise<Prepared> {
  const folder = mkdtempSync(join(tmpdir(), 'credenza-'))
  const file = join(folder, 'workers.json')
  try {
    await promisify(execFile)(process.execPath, ['--no-warnings', join(import.meta.dirname, 'prepare.ts'), file, ...domains])
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new Error(String((error as { stderr?: string }).stderr).trim() || String(error))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

let running = await prepare()
let isSeeded = false
let isRestarting = false
const mapStack = stackMapper((domain) => running.bundles[domain]?.map)

function writeLog(entry: RuntimeLog): void {
  const lines = formatLog({ ...entry, message: mapStack(entry.message) })
  // Why a restart failed is reported by the reload itself.
  const isShown = (entry.level === 'error' && !isRestarting) || (isSeeded && lines.includes(' req_'))
  if (isShown) console.error(lines)
  else console.log(lines)
}

/** The module of a bundle. DevTools find the source in it, and Miniflare's proxy for them goes on when the runtime restarts. */
function modulesOf(domain: string, { code, map }: Bundle): object {
  const module = { type: 'ESModule', path: `${domain}.mjs`, contents: code }
  if (options.inspect === undefined) return { modules: [module] }
  const located = JSON.stringify({ ...JSON.parse(map), sourceRoot: pathToFileURL(`${root}/`).href })
  const comment = `//# sourceMappingURL=data:application/json;base64,${Buffer.from(located).toString('base64')}`
  return { modules: [{ ...module, contents: `${code}\n${comment}` }], unsafeInspectorProxy: true }
}

const toWorker = ({ bundles }: Prepared, { domain = '', ...worker }: Prepared['workers'][number]) =>
  bundles[domain] ? { ...worker, ...modulesOf(domain, bundles[domain]) } : worker

const miniflareOptions = (prepared: Prepared) =>
  convertV4MiniflareOptions({
    host: '127.0.0.1',
    port: 0,
    cf: false,
    telemetry: { enabled: false },
    log: new Log(LogLevel.WARN),
    logRequests: false,
    handleStructuredLogs: writeLog,
    ...(options.inspect === undefined ? {} : { inspectorPort: options.inspect, inspectorHost: '127.0.0.1' }),
    ...(options.state === undefined ? {} : { resourcePersistencePath: options.state }),
    workers: prepared.workers.map((worker) => toWorker(prepared, worker)),
  } as unknown as V4MiniflareOptions)

/** Bundles again what the changed files are part of: everything after a change of a config; undefined when nothing that runs is. */
async function rebuild(files: readonly string[]): Promise<Prepared | undefined> {
  if (files.some((file) => file.startsWith('wrangler/'))) return prepare()
  const domains = Object.entries(running.bundles).flatMap(([domain, { inputs }]) =>
    inputs.some((input) => files.includes(input)) ? [domain] : [],
  )
  if (domains.length === 0) return undefined
  const { bundles } = await prepare(domains)
  return { ...running, bundles: { ...running.bundles, ...bundles } }
}

const runtime = new Miniflare(miniflareOptions(running))
const end = () => void runtime.dispose().finally(() => process.exit(0))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
// The parent may be killed without a chance to end it.
const parent = process.ppid
setInterval(() => process.ppid !== parent && end(), 1000).unref()
await runtime.ready
if (options.reload) await serveReloading(running.workers[0]?.name ?? '')
console.error(readyLine)

/** Replaces the running code when its source changes; source that does not build or start changes nothing. */
async function serveReloading(name: string): Promise<void> {
  // Miniflare answers this once a restart, its own after a crash included, is over.
  const front = await startFrontServer(options.port, async () => Number((await runtime.unsafeGetDirectURL(name)).port))
  process.stdin.once('data', () => {
    isSeeded = true
    front.open()
  })
  const apply = async (built: Prepared): Promise<boolean> => {
    const before = running
    const isSame = JSON.stringify(miniflareOptions(built)) === JSON.stringify(miniflareOptions(before))
    running = built
    if (isSame) return false
    await front.hold(drainMs)
    isRestarting = true
    try {
      await runtime.setOptions(miniflareOptions(built))
    } catch (error) {
      const mistake = describeStartFailure(mapStack(String(error)))
      running = before
      await runtime.setOptions(miniflareOptions(before))
      throw new Error(mistake)
    } finally {
      isRestarting = false
      front.release()
    }
    return true
  }
  watchSources({
    root,
    folders: ['workers', 'shared', 'wrangler'],
    isSource: (path) => /\.(tsx?|jsonc|md)$/.test(path) && !/\.(test|e2e|d)\.ts$/.test(path),
    onChange: startReloader({ build: rebuild, apply, report: (line) => console.error(line) }),
  })
}
