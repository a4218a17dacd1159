import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Bundle, bundle } from './bundle.ts'
import { readConfigs, root, type WorkerConfig } from './configs.ts'
import { counterWorker } from './counter.ts'
import { recorderWorker, riggedEntry } from './recorder.ts'
import { optionsVariable, type RuntimeOptions } from './runtime.ts'

/**
 * `prepare.ts FILE [DOMAIN...]` bundles the Workers, or those that are named, and reads the configs unless some are named; it writes the
 * result, a `Prepared`, to FILE. It is a process of its own, so that the memory of wrangler and the bundler, some 400 MB, is given back
 * before anything runs.
 */
export type Prepared = {
  /** By domain. */
  bundles: Record<string, Bundle>
  /** Miniflare's options of each Worker, without the modules of those that have a bundle. */
  workers: { name: string; domain?: string }[]
}

const [file = '', ...named] = process.argv.slice(2)
const options: RuntimeOptions = JSON.parse(process.env[optionsVariable] ?? '{}')
const configs = readConfigs().filter(({ worker }) => options.workers?.includes(worker) ?? true)

// The data Worker is what the others write to: faults are in the calls of it.
const faultsOf = (worker: string) => (worker === 'data' ? undefined : options.faults)

async function bundleOf(worker: string): Promise<readonly [string, Bundle]> {
  const faults = faultsOf(worker)
  const source = faults ? await riggedEntry(worker, faults) : options.entries?.[worker]
  const entry = source === undefined ? join(root, 'workers', worker, 'index.ts') : { source }
  return [worker, await bundle(entry, { sourcesContent: options.inspect !== undefined })]
}

async function readWorkers(): Promise<Prepared['workers']> {
  // Only here, since reading it takes longer than a bundle.
  const { unstable_getMiniflareWorkerOptions: readWorkerOptions } = await import('wrangler')
  const date = configs[0]?.compatibility_date ?? ''
  const extras = [
    ...(options.counter === undefined ? [] : [counterWorker(options.counter, date)]),
    ...(options.faults === undefined ? [] : [recorderWorker(options.faults.recorder, date)]),
  ]
  return [...configs.map((config, at) => toOptions(config, at === 0, readWorkerOptions(config.path).workerOptions)), ...extras]
}

/** A Worker that listens is reached directly: Miniflare's own entry would cost more than most of our requests do. */
function toOptions(config: WorkerConfig, isFirst: boolean, workerOptions: object & { serviceBindings?: unknown }) {
  // Behind the front server the runtime takes any port.
  const port = isFirst ? (options.reload ? 0 : options.port) : options.doors?.[config.worker]
  return {
    ...workerOptions,
    name: config.name,
    domain: config.worker,
    bindings: { ...config.vars, ...options.bindings[config.worker] },
    ...(options.counter === undefined ? {} : { streamingTails: ['counter'] }),
    ...(faultsOf(config.worker)
      ? { serviceBindings: Object.assign({}, workerOptions.serviceBindings, { RECORDER: 'recorder' }) }
      : {}),
    ...(port === undefined ? {} : { unsafeDirectSockets: [{ host: '127.0.0.1', port, proxy: false }] }),
  }
}

try {
  const domains = named.length > 0 ? named : configs.map(({ worker }) => worker)
  const prepared: Prepared = {
    bundles: Object.fromEntries(await Promise.all(domains.map(bundleOf))),
    workers: named.length > 0 ? [] : await readWorkers(),
  }
  writeFileSync(file, JSON.stringify(prepared))
  process.exit(0)
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error))
  process.exit(1)
}
