import { AppError } from '../contracts/errors'
import type { Instant } from '../contracts/ids'
import { newId } from '../contracts/ids'
import type { Cache } from './cache'
import { cacheKeys, jittered } from './cache-keys'
import type { Answer, Kept } from './memory'

/**
 * Hot reads. An answer is stored under the version token that was current when its reader started; a write sets a new token afterwards.
 * Tokens are never reused and each has its own field, so an answer from before a write is neither served after it nor able to
 * overwrite a later one, however late its reader stores it. A lost token is replaced by a new one. The isolate's memory and Redis
 * follow the same rule; a hit in memory reads the token alone from Redis.
 */
export type CacheEntry = {
  /** A hash, `cacheKeys.product` or `cacheKeys.cataloguePage`. */
  key: string
  seconds: number
  tokenKey: string
  /** Milliseconds for which an answer is served as it is; after that it is served while a new one is loaded. */
  maxAge: Instant
}

/** Milliseconds for which an answer with the current version token may be served while a new one is loaded. */
const staleWhileRevalidateMs: Instant = 120_000
/**
 * Milliseconds from the start of a write until no answer from before it is served, whatever happened to its version token. It assumes
 * that no write takes a minute and that no two clocks differ by one.
 */
export const staleAfterWriteMs: Instant = staleWhileRevalidateMs + 60_000
/** Milliseconds for which an answer may be served, whatever its version token, while the database is down. */
const staleIfErrorMs: Instant = 600_000
/** Characters; a longer answer is not worth its transport, and Redis may refuse it. */
const maxLength = 250_000

/** `stale`: the database is down, and this is the last known answer. */
export type Found = Answer & { at: Instant; stale: boolean }

/**
 * The cached answer, or the one that `load` gives, which is cached unless it is null. Without Redis every answer comes from `load`.
 * @throws what `load` throws; `unavailable` only when no cached answer can be served instead
 */
export async function readThrough(cache: Cache, entry: CacheEntry, load: () => Promise<Answer | null>): Promise<Found | null> {
  const state = await cache.singleFlight.next(`state ${entry.key}`, () => readState(cache, entry))
  const kept = state?.kept
  const now = cache.now()
  if (kept && now < kept.freshUntil) return { ...kept, stale: false }
  const renew = () => loadInto(cache, entry, state, load)
  if (kept && now < kept.at + staleWhileRevalidateMs) {
    cache.runAfterwards(cache.singleFlight.join(`load ${entry.key} ${kept.versionToken}`, renew).catch(() => {}))
    return { ...kept, stale: false }
  }
  try {
    // Readers of the same version token may share a load; without a token, only a load that starts from now on.
    const loaded = state
      ? await cache.singleFlight.join(`load ${entry.key} ${state.versionToken}`, renew)
      : await cache.singleFlight.next(`load ${entry.key}`, renew)
    return loaded && { ...loaded, stale: false }
  } catch (error) {
    const last = AppError.is(error, 'unavailable') && newestOf(cache, entry, state)
    if (!last) throw error
    return { ...last, stale: true }
  }
}

/** What Redis and the isolate have: the current version token, the answer under it, and answers under earlier tokens. */
type CacheState = { versionToken: string; kept?: Kept | undefined; past: Kept[] }

async function readState(cache: Cache, { key, tokenKey }: CacheEntry): Promise<CacheState | undefined> {
  const inMemory = cache.memory.get(key)
  if (inMemory) {
    const versionToken = await cache.attempt((redis) => redis.get<string>(tokenKey))
    if (versionToken === undefined) return undefined
    if (versionToken === inMemory.versionToken) return { versionToken, kept: inMemory, past: [] }
  }
  const ex = cacheKeys.productVersionToken.seconds
  const found = await cache.attempt((redis) =>
    redis
      .pipeline()
      // A missing token is created; two callers that do so at once get the same one.
      .set(tokenKey, newVersionToken(), { nx: true, ex })
      .get<string>(tokenKey)
      .hgetall<Record<string, string>>(key)
      .exec<[string | null, string | null, Record<string, string> | null]>(),
  )
  const versionToken = found?.[1]
  if (!found || !versionToken) return undefined
  const answers = Object.entries(found[2] ?? {}).map(([field, packedAnswer]) => unpacked(field, packedAnswer))
  const kept = answers.find((answer) => answer.versionToken === versionToken)
  if (kept) cache.memory.set(key, kept)
  return { versionToken, kept, past: answers.filter((answer) => answer !== kept) }
}

/** A version token that was never used. Not a number, which the client would parse. */
export const newVersionToken = (): string => newId('req')

async function loadInto(
  cache: Cache,
  { key, seconds, maxAge }: CacheEntry,
  state: CacheState | undefined,
  load: () => Promise<Answer | null>,
): Promise<(Answer & { at: Instant }) | null> {
  const at = cache.now()
  const answer = await load()
  if (!answer) return null
  if (!state || answer.text.length > maxLength) return { ...answer, at }
  const kept: Kept = { ...answer, versionToken: state.versionToken, at, freshUntil: at + jittered(maxAge, cache.random) }
  cache.memory.set(key, kept)
  const past = state.past.map(({ versionToken }) => versionToken)
  cache.runAfterwards(
    cache.attempt((redis) => {
      const pipeline = redis.pipeline().hset(key, { [kept.versionToken]: packed(kept) })
      if (past.length > 0) pipeline.hdel(key, ...past)
      for (const [name, value] of Object.entries(answer.names ?? {}))
        pipeline.set(name, value, { ex: jittered(seconds, cache.random) })
      return pipeline.expire(key, jittered(seconds, cache.random)).exec()
    }),
  )
  return kept
}

/** The last known answer while the database is down, under any version token; undefined when it is too old. */
export async function lastKnown(cache: Cache, entry: CacheEntry): Promise<Answer | undefined> {
  return newestOf(cache, entry, await readState(cache, entry))
}

function newestOf(cache: Cache, { key }: CacheEntry, state: CacheState | undefined): Kept | undefined {
  const inMemory = cache.memory.get(key)
  const known = [...(state?.kept ? [state.kept] : []), ...(state?.past ?? []), ...(inMemory ? [inMemory] : [])]
  const [newest] = known.sort((a, b) => b.at - a.at)
  return newest && cache.now() < newest.at + staleIfErrorMs ? newest : undefined
}

/** The text starts on its own line, so that nothing has to parse or escape it; the client parses values that state like JSON. */
const packed = ({ at, freshUntil, facts, text }: Kept): string => `answer ${JSON.stringify({ at, freshUntil, facts })}\n${text}`

function unpacked(versionToken: string, field: string): Kept {
  const end = field.indexOf('\n')
  const head = JSON.parse(field.slice('answer '.length, end)) as Pick<Kept, 'at' | 'freshUntil' | 'facts'>
  return { ...head, versionToken, text: field.slice(end + 1) }
}
