import { app } from './routes'

export { CacheDO } from './cache.do'
export { DatabaseDO } from './database.do'
export { MongoPoolDO } from './mongo-pool.do'
export { DataRpc } from './rpc'

export default { fetch: app.fetch } satisfies ExportedHandler<DataEnv>
