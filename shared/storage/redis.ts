import { Redis } from '@upstash/redis'
import type { DataApi } from '../contracts/data'
import type { StoreBindings } from './store'

/** Where Redis is: Upstash, or anything with its REST contract, when there is a URL; else the embedded engine. */
export type RedisEnv = StoreBindings & { UPSTASH_REDIS_REST_URL?: string; UPSTASH_REDIS_REST_TOKEN?: string }

type Request = { path?: string[]; body?: unknown; signal?: AbortSignal }
type Command = (string | number)[]

/**
 * The one client of Redis. It may serve all requests of an isolate: auto-pipelining, which would send commands of one request
 * with another's, is off. Each command is tried once, for at most `timeout` milliseconds.
 */
export function redisOf(env: RedisEnv, data: DataApi, timeout: number): Redis {
  const { UPSTASH_REDIS_REST_URL: url = '', UPSTASH_REDIS_REST_TOKEN: token = '' } = env
  if (url === '') return new Redis({ request: async (request: Request) => (await ask(data, request)) as never })
  return new Redis({
    ...{ url, token, enableAutoPipelining: false, enableTelemetry: false, retry: { retries: 0 } },
    // A function, because the client takes an aborted signal that is none for an answer.
    signal: () => AbortSignal.timeout(timeout),
  })
}

/** What Upstash's REST endpoint would answer, by RPC: one command, a transaction, or a pipeline of several. */
async function ask(data: DataApi, { path, body }: Request) {
  const commands = body as Command | Command[]
  if (path?.[0] === 'multi-exec') return data.cacheTransaction(commands as Command[])
  if (Array.isArray(commands[0])) return data.cachePipeline(commands as Command[])
  return { result: await data.cache(commands as Command) }
}
