export { CacheDO } from './cache.do'
export { DatabaseDO } from './database.do'
export { DataRpc } from './rpc'

export default {
  fetch(request) {
    if (new URL(request.url).pathname !== '/health') return new Response(null, { status: 404 })
    return Response.json({ ok: true, worker: 'data' })
  },
} satisfies ExportedHandler<DataEnv>
