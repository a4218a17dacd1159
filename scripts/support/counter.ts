/**
 * A Worker that hears of every invocation of the others at its onset, for `startRuntime` with `counter`. The runtime gives all that one
 * request causes one trace id, which does not go through a queue; the first header `x-mark` in a trace names it. It answers
 * `{ workers, objects }`: calls by HTTP, service binding, RPC or queue, and calls of Durable Objects. `?mark=...` asks for what one
 * request caused, and `id` says whether it was seen; without a mark it is all so far.
 */
const counterSource = `
const traces = new Map()
const all = { workers: 0, objects: 0 }
export default {
  tailStream({ spanContext: { traceId }, event: { executionModel, info } }) {
    const trace = traces.get(traceId) ?? { id: null, workers: 0, objects: 0 }
    if (traces.size > 10000) traces.clear()
    traces.set(traceId, trace)
    const kind = executionModel === 'durableObject' ? 'objects' : 'workers'
    all[kind] += 1
    const mark = info?.headers?.find(({ name }) => name.toLowerCase() === 'x-mark')?.value
    if (mark !== undefined && trace.id === null) trace.id = mark
    else trace[kind] += 1
    return () => {}
  },
  fetch(request) {
    const mark = new URL(request.url).searchParams.get('mark')
    if (mark === null) return Response.json(all)
    return Response.json([...traces.values()].find(({ id }) => id === mark) ?? { id: null, workers: 0, objects: 0 })
  },
}`

/** The only kind of tail Worker that hears of an invocation when it begins is an experimental one. */
export const counterWorker = (port: number, compatibilityDate: string) => ({
  name: 'counter',
  compatibilityDate,
  compatibilityFlags: ['streaming_tail_worker', 'experimental'],
  modules: [{ type: 'ESModule', path: 'counter.mjs', contents: counterSource }],
  unsafeDirectSockets: [{ host: '127.0.0.1', port, proxy: false }],
})
