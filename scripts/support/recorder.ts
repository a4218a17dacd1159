import { join } from 'node:path'
import { build } from 'esbuild'
import { root } from './configs.ts'
import type { FaultOptions } from './runtime.ts'

/**
 * A Worker that hears what inboxes took and which faults were made, for `startRuntime` with `faults`, and answers it all. To a PUT of
 * `active` faults begin, to any other they end; each Worker hears of it at its next report.
 */
const recorderSource = `
const acked = {}
const faults = {}
let active = false
export default {
  async fetch(request) {
    if (request.method === 'POST') {
      const told = await request.json()
      const known = (acked[told.worker] ??= new Set())
      for (const id of told.acked) known.add(id)
      faults[told.worker] = told.faults
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

/** The source of an entry that is that of a Worker, rigged with faults. */
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
    `import { rigged } from ${JSON.stringify(join(root, 'shared/testing/faults/fault-injection.ts'))}`,
    `const rig = rigged(${JSON.stringify(worker)}, ${JSON.stringify(options)})`,
    `export default rig.handlers(worker)`,
    ...classes.map((name) => `export class ${name} extends rig.object(all.${name}) {}`),
  ].join('\n')
}
