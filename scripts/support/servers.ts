import { buildFerret, startFerret } from './ferretdb.ts'
import { hasRedis, startBridgedRedis } from './redis.ts'
import { run } from './run.ts'

/** Values of secrets that name servers, and how to end those. */
export type Servers = { values: Record<string, string>; stop: () => Promise<void> }

/**
 * Starts a FerretDB and a Redis behind the bridge, both empty, on free ports of 127.0.0.1.
 * @throws Error that says what this machine lacks
 */
export async function startServers(): Promise<Servers> {
  const ferret = buildFerret()
  if ('reason' in ferret) throw new Error(`There is no FerretDB: ${ferret.reason}`)
  if (!hasRedis()) throw new Error('There is no redis-server on this machine (Debian: apt-get install redis-server)')
  const [database, redis] = await Promise.all([startFerret(ferret.path), startBridgedRedis()])
  const stop = async () => {
    await Promise.all([redis.stop(), database.remove()])
  }
  const values = { MONGODB_URI: database.uri, UPSTASH_REDIS_REST_URL: redis.url, UPSTASH_REDIS_REST_TOKEN: redis.token }
  return { values, stop }
}

/** Makes what Workers declare on a MongoDB. @throws Error with what went wrong */
export async function makeIndexes(uri: string): Promise<void> {
  const { code, output } = await run('bun', ['scripts/indexes.ts'], { MONGODB_URI: uri })
  if (code !== 0) throw new Error(output)
}
