import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Bundle, bundle } from './bundle.ts'
import { readConfigs, root, type WorkerConfig } from './configs.ts'
import { counterWorker } from './counter.ts'
import { faultyEntry, recorderWorker } from './recorder.ts'
import { optionsVariable, type RuntimeOptions } from './runtime.ts'

/**
 * `prepare.ts FILE [DOMAIN...]` bundles the Workers, or those that are named, and reads the configs unless some are named; it writes the
 * result, a `Prepared`, to FILE. It is a process of its own, so that the memory of wrangler and the bundler, some 400 MB, is free again
 * before the Workers run.
 */
export type Prepared = {
  /** By domain. */
  bundles: Record<string, Bundle>
  /** Miniflare's options of each Worker, without the modules of those that have a bundle. */
  workers: { name: string; domain?: string }[]
}

const [file = '', ...named] = process.argv.slice(2)
const options: RuntimeOptions = JSON.parse(process.env[optionsVariable] ?? '{}')

// The others call the data Worker, and faults are injected into their calls.
const faultsOf = (worker: string) => (worker === 'data' ? undefined : options.faults)

async function bundleOf(worker: string): Promise<readonly [string, Bundle]> {
  const faults = faultsOf(worker)
  const source = faults ? await faultyEntry(worker, faults) : options.entries?.[worker]
  const entry = source === undefined ? join(root, 'workers', worker, 'index.ts') : { source }
  return [worker, await bundle(entry, { sourcesContent: options.inspect !== undefined })]
}

async function readWorkers(configs: readonly WorkerConfig[]): Promise<Prepared['workers']> {
  // Imported here only, since that takes longer than a bundle.
  const { unstable_getMiniflareWorkerOptions: readWorkerOptions } = await import('wrangler')
  const date = configs[0]?.compatibility_date ?? ''
  const extras = [
    ...(options.counter === undefined ? [] : [counterWorker(options.counter, date)]),
    ...(options.faults === undefined ? [] : [recorderWorker(options.faults.recorder, date)]),
  ]
  return [...configs.map((config, at) => toOptions(config, at === 0, readWorkerOptions(config.path).workerOptions)), ...extras]
}

/** A Worker with a port listens there itself: Miniflare's own entry would cost more than most requests do. */
function toOptions(config: WorkerConfig, isFirst: boolean, workerOptions: object & { serviceBindings?: unknown }) {
  // Behind the front server the runtime takes any port.
  const port = isFirst ? (options.reload ? 0 : options.port) : options.ports?.[config.worker]
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

async function prepare(): Promise<Prepared> {
  const configs = readConfigs().filter(({ worker }) => options.workers?.includes(worker) ?? true)
  const domains = named.length > 0 ? named : configs.map(({ worker }) => worker)
  const bundles = Object.fromEntries(await Promise.all(domains.map(bundleOf)))
  return { bundles, workers: named.length > 0 ? [] : await readWorkers(configs) }
}

try {
  writeFileSync(file, JSON.stringify(await prepare()))
  process.exit(0)
} catch (error) {
  // Only what is wrong, which is for people to read.
  process.stderr.write(error instanceof Error ? error.message : String(error))
  process.exit(1)
}
