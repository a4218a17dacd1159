import { Redis } from '@upstash/redis'
import type { DataApi, Json } from '../contracts/data'
import { logger } from '../http/logger'

/**
 * Redis for what may be lost. `redis` is the plain client; `read` and `write` never throw: a cache that is down is a miss.
 * The requester sends commands to the embedded engine by RPC; auto-pipelining is off with a custom requester.
 */
export type Cache = {
  redis: Redis
  /** The cached JSON, or undefined on a miss or when the cache is down. */
  read<T>(key: string): Promise<T | undefined>
  /** Stores JSON for about `seconds` (jittered by up to a fifth, so that entries do not expire together). */
  write(key: string, value: Json | object, seconds: number): Promise<void>
  /** Forgets keys. Returns false when the cache did not answer, so that the caller can try later. */
  forget(...keys: string[]): Promise<boolean>
  /** Runs commands that may fail; undefined when the cache is down. */
  attempt<T>(work: (redis: Redis) => Promise<T>): Promise<T | undefined>
}

export function cache(data: DataApi, random: () => number = Math.random): Cache {
  const redis = new Redis({
    request: async ({ body }: { body?: unknown }) => {
      const commands = body as (string | number)[] | (string | number)[][]
      if (Array.isArray(commands[0])) return (await data.cachePipeline(commands as (string | number)[][])) as never
      return { result: (await data.cache(commands as (string | number)[])) as never }
    },
  })
  const attempt = async <T>(work: (client: Redis) => Promise<T>): Promise<T | undefined> => {
    try {
      return await work(redis)
    } catch (error) {
      logger.warn('cache unavailable', { error })
      return undefined
    }
  }
  return {
    redis,
    attempt,
    read: async <T>(key: string) => (await attempt((client) => client.get<T>(key))) ?? undefined,
    write: async (key, value, seconds) => {
      const ttl = Math.max(1, Math.round(seconds * (0.9 + random() * 0.2)))
      await attempt((client) => client.set(key, JSON.stringify(value), { ex: ttl }))
    },
    forget: async (...keys) => (await attempt((client) => client.del(...keys))) !== undefined,
  }
}
