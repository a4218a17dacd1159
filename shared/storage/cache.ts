import { waitUntil } from 'cloudflare:workers'
import type { Redis } from '@upstash/redis'
import type { Instant } from '../contracts/ids'
import { logger } from '../http/logger'
import { breaker } from './breaker'
import { type Flights, flights } from './flights'
import { type Memory, memory } from './memory'
import { type RedisEnv, redisOf } from './redis'
import { storeOf } from './store'

/** Redis for what may be lost, and what one isolate keeps beside it. */
export type Cache = {
  /**
   * Runs commands that may fail; undefined when Redis does not answer in time. After some failures in a row it is left alone for
   * a while, so that a Redis that hangs does not cost every request its patience.
   */
  attempt<T>(work: (redis: Redis) => Promise<T>): Promise<T | undefined>
  /** Answers that this isolate has at hand. */
  memory: Memory
  flights: Flights
  /** Work that nobody waits for; the runtime lets it finish after the answer. */
  later(work: Promise<unknown>): void
  now: () => Instant
  random: () => number
}

export type CacheOptions = Partial<Pick<Cache, 'now' | 'random' | 'later'>> & {
  /** Milliseconds that Redis may take to answer. */
  patience?: number
}

const failures = 3
const pause = 5_000

/** To be made once per environment: how Redis fares, and what was loaded, is no state of a request. */
export function newCache(
  env: RedisEnv,
  { now = Date.now, random = Math.random, later = waitUntil, patience = 1_000 }: CacheOptions = {},
): Cache {
  const redis = redisOf(env, storeOf(env), patience)
  const trust = breaker({ failures, pause, now })
  return {
    ...{ memory: memory(), flights: flights(), later, now, random },
    attempt: async (work) => {
      if (!trust.admits()) return undefined
      try {
        const result = await inTime(patience, work(redis))
        trust.succeeded()
        return result
      } catch (error) {
        logger.warn(trust.failed() ? 'cache is left alone for a while' : 'cache unavailable', { error })
        return undefined
      }
    },
  }
}

async function inTime<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('Redis does not answer')), milliseconds)
  })
  try {
    return await Promise.race([work, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
