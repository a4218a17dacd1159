import { join } from 'node:path'
import { build } from 'esbuild'
import { root } from './configs.ts'
import type { FaultOptions } from './runtime.ts'

/**
 * A Worker that collects which events inboxes acknowledged and which faults were injected, for `startRuntime` with `faults`, and reports
 * all of it. A PUT of `active` turns faults on, any other PUT turns them off; a Worker gets the change as the answer to its next report.
 */
const recorderSource = `
const acked = {}
const faults = {}
let active = false
export default {
  async fetch(request) {
    if (request.method === 'POST') {
      const report = await request.json()
      const known = (acked[report.worker] ??= new Set())
      for (const id of report.acked) known.add(id)
      faults[report.worker] = report.faults
      return new Response(active ? 'active' : '')
    }
    if (request.method === 'PUT') active = (await request.text()) === 'active'
    const sums = {}
    for (const counts of Object.values(faults))
      for (const [kind, count] of Object.entries(counts)) sums[kind] = (sums[kind] ?? 0) + count
    const taken = Object.fromEntries(Object.entries(acked).filter(([, ids]) => ids.size > 0).map(([worker, ids]) => [worker, [...ids]]))
    return Response.json({ acked: taken, faults: sums })
  },
}`

export const recorderWorker = (port: number, compatibilityDate: string) => ({
  name: 'recorder',
  compatibilityDate,
  modules: [{ type: 'ESModule', path: 'recorder.mjs', contents: recorderSource }],
  unsafeDirectSockets: [{ host: '127.0.0.1', port, proxy: false }],
})

/** The source of a Worker's entry point with faults injected. */
export async function faultyEntry(worker: string, options: FaultOptions): Promise<string> {
  const entry = join(root, 'workers', worker, 'index.ts')
  const { metafile } = await build({
    ...{
      entryPoints: [entry],
      bundle: false,
      write: false,
      format: 'esm',
      metafile: true,
      logLevel: 'silent',
      outfile: 'entry.js',
    },
  })
  const classes = Object.values(metafile.outputs).flatMap(({ exports }) => exports.filter((name) => name !== 'default'))
  return [
    `import worker, * as all from ${JSON.stringify(entry)}`,
    `import { injectFaults } from ${JSON.stringify(join(root, 'shared/testing/faults/fault-injection.ts'))}`,
    `const faulty = injectFaults(${JSON.stringify(worker)}, ${JSON.stringify(options)})`,
    `export default faulty.handlers(worker)`,
    ...classes.map((name) => `export class ${name} extends faulty.object(all.${name}) {}`),
  ].join('\n')
}
