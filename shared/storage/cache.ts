import { waitUntil } from 'cloudflare:workers'
import type { Redis } from '@upstash/redis'
import { dependencies } from '../contracts/dependencies'
import type { Instant } from '../contracts/ids'
import { breakerOf } from '../runtime/circuit-breaker'
import { type Memory, memory } from './memory'
import { type RedisEnv, redisOf } from './redis'
import { type SingleFlight, singleFlight } from './single-flight'
import { storeOf } from './store'

/** Redis for what may be lost, and what one isolate keeps beside it. */
export type Cache = {
  /**
   * Runs commands that may fail; undefined when Redis does not answer in time. After some failures in a row the circuit breaker opens,
   * so that a Redis that hangs does not cost every request the whole timeout.
   */
  attempt<T>(work: (redis: Redis) => Promise<T>): Promise<T | undefined>
  /** Answers in this isolate's memory. */
  memory: Memory
  singleFlight: SingleFlight
  /** Work that the response does not wait for; the runtime lets it finish afterwards. */
  runAfterwards(work: Promise<unknown>): void
  now: () => Instant
  random: () => number
}

export type CacheOptions = Partial<Pick<Cache, 'now' | 'random' | 'runAfterwards'>> & {
  /** Milliseconds that Redis may take to answer. */
  timeoutMs?: number
}

/** To be made once per environment: what was loaded is no state of a request. */
export function newCache(
  env: RedisEnv,
  {
    now = Date.now,
    random = Math.random,
    runAfterwards = waitUntil,
    timeoutMs = dependencies.cache.timeoutMs,
  }: CacheOptions = {},
): Cache {
  const redis = redisOf(env, storeOf(env), timeoutMs)
  const dependency = breakerOf(env, 'cache', { timeoutMs })
  return {
    ...{ memory: memory(), singleFlight: singleFlight(), runAfterwards, now, random },
    attempt: (work) => dependency.run(() => work(redis)).catch(() => undefined),
  }
}
