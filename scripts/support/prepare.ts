import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { unstable_getMiniflareWorkerOptions as readWorkerOptions } from 'wrangler'
import { bundle } from './bundle.ts'
import { readConfigs, root, type WorkerConfig } from './configs.ts'
import { counterWorker } from './counter.ts'
import { faultyEntry, recorderWorker } from './recorder.ts'
import { optionsVariable, type RuntimeOptions } from './runtime.ts'

/**
 * Reads the configs and bundles the Workers, for `host.ts`, into the file it names. It is a process of its own,
 * so that the memory of wrangler and the bundler, some 400 MB, is given back before anything runs.
 */
const file = process.argv[2] ?? ''
const options: RuntimeOptions = JSON.parse(process.env[optionsVariable] ?? '{}')
const configs = readConfigs().filter(({ worker }) => options.workers?.includes(worker) ?? true)

/** The Worker behind the port is asked there directly: Miniflare's own entry would cost more than most of our requests do. */
async function workerOf(config: WorkerConfig, isFirst: boolean) {
  const port = isFirst ? options.port : options.doors?.[config.worker]
  const { workerOptions } = readWorkerOptions(config.path)
  // The data Worker is what the others write to: faults are in the calls of it.
  const { faults } = config.worker === 'data' ? {} : options
  const file = join(root, 'workers', config.worker, 'index.ts')
  const source = faults ? await faultyEntry(config.worker, faults) : options.entries?.[config.worker]
  const contents = await bundle(source === undefined ? file : { source })
  return {
    ...workerOptions,
    name: config.name,
    modules: [{ type: 'ESModule', path: `${config.worker}.mjs`, contents }],
    bindings: { ...config.vars, ...options.bindings[config.worker] },
    ...(options.counter === undefined ? {} : { streamingTails: ['counter'] }),
    ...(faults ? { serviceBindings: Object.assign({}, workerOptions.serviceBindings, { RECORDER: 'recorder' }) } : {}),
    ...(port === undefined ? {} : { unsafeDirectSockets: [{ host: '127.0.0.1', port, proxy: false }] }),
  }
}

const date = configs[0]?.compatibility_date ?? ''
const workers: object[] = await Promise.all(configs.map((config, at) => workerOf(config, at === 0)))
if (options.counter !== undefined) workers.push(counterWorker(options.counter, date))
if (options.faults !== undefined) workers.push(recorderWorker(options.faults.recorder, date))
writeFileSync(file, JSON.stringify(workers))
process.exit(0)
