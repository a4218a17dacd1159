import { AppError } from '../contracts/errors'
import type { Instant } from '../contracts/ids'
import { newId } from '../contracts/ids'
import type { Cache } from './cache'
import { cacheKeys, jittered } from './cache-keys'
import type { Answer, Kept } from './memory'

/**
 * Hot reads. An answer is kept under the stamp that stood when its reader set out for the database; whoever changes what it
 * shows sets a new stamp after the write. Stamps are never used twice and each has its own field, so an answer from before a write
 * is neither believed after it nor able to overwrite one from after it, however late its reader stores it. Losing a stamp makes
 * a new one. The isolate's memory and Redis follow the same rule; on a hit in memory the stamp is all that is asked for.
 */
export type CacheEntry = {
  /** A hash, `cacheKeys.product` or `cacheKeys.cataloguePage`. */
  key: string
  seconds: number
  stampKey: string
  /** Milliseconds for which an answer is given out as it is; after that it still is once more, while a new one is loaded. */
  freshFor: Instant
}

/** Milliseconds for which an answer is believed by its stamp: so long it may be given out while a new one is loaded. */
const staleWhileRevalidateMs: Instant = 120_000
/**
 * Milliseconds from the beginning of a write until no answer from before it is believed any more, whatever became of its stamp. No
 * write takes a minute, nor do the clocks of two isolates differ by that.
 */
export const staleAfterWriteMs: Instant = staleWhileRevalidateMs + 60_000
/** Milliseconds for which an answer may stand in, whatever its stamp, while the database is down. */
const staleIfErrorMs: Instant = 600_000
/** Characters; a longer answer is not worth its transport, and Redis may refuse it. */
const maxLength = 250_000

/** `late`: the database is down, and this is the last that is known. */
export type Found = Answer & { at: Instant; stale: boolean }

/**
 * The answer from the shelf, or from `load`, whose answer is kept unless it is null. Without Redis every answer comes from `load`.
 * @throws what `load` throws; for `unavailable` only when nothing can stand in
 */
export async function readThrough(cache: Cache, shelf: CacheEntry, load: () => Promise<Answer | null>): Promise<Found | null> {
  const look = await cache.singleFlight.next(`look ${shelf.key}`, () => lookAt(cache, shelf))
  const kept = look?.kept
  const now = cache.now()
  if (kept && now < kept.freshUntil) return { ...kept, stale: false }
  const renew = () => loadOnto(cache, shelf, look, load)
  if (kept && now < kept.at + staleWhileRevalidateMs) {
    cache.runAfterwards(cache.singleFlight.join(`load ${shelf.key} ${kept.stamp}`, renew).catch(() => {}))
    return { ...kept, stale: false }
  }
  try {
    // Who saw the same stamp may share a load; where there is none, only one that begins from now on.
    const loaded = look
      ? await cache.singleFlight.join(`load ${shelf.key} ${look.stamp}`, renew)
      : await cache.singleFlight.next(`load ${shelf.key}`, renew)
    return loaded && { ...loaded, stale: false }
  } catch (error) {
    const last = AppError.is(error, 'unavailable') && newestOf(cache, shelf, look)
    if (!last) throw error
    return { ...last, stale: true }
  }
}

/** What Redis and the isolate have: the present stamp, the answer under it, and fields of stamps that are past. */
type Look = { stamp: string; kept?: Kept | undefined; past: Kept[] }

async function lookAt(cache: Cache, { key, stampKey }: CacheEntry): Promise<Look | undefined> {
  const atHand = cache.memory.get(key)
  if (atHand) {
    const stamp = await cache.attempt((redis) => redis.get<string>(stampKey))
    if (stamp === undefined) return undefined
    if (stamp === atHand.stamp) return { stamp, kept: atHand, past: [] }
  }
  const ex = cacheKeys.productVersionToken.seconds
  const found = await cache.attempt((redis) =>
    redis
      .pipeline()
      // Where there is no stamp one is made; of two that do so at once, both get the same.
      .set(stampKey, newVersionToken(), { nx: true, ex })
      .get<string>(stampKey)
      .hgetall<Record<string, string>>(key)
      .exec<[string | null, string | null, Record<string, string> | null]>(),
  )
  const stamp = found?.[1]
  if (!found || !stamp) return undefined
  const answers = Object.entries(found[2] ?? {}).map(([field, packedAnswer]) => unpacked(field, packedAnswer))
  const kept = answers.find((answer) => answer.stamp === stamp)
  if (kept) cache.memory.set(key, kept)
  return { stamp, kept, past: answers.filter((answer) => answer !== kept) }
}

/** A stamp that nobody has used. Not a number, which the client would parse. */
export const newVersionToken = (): string => newId('req')

async function loadOnto(
  cache: Cache,
  { key, seconds, freshFor }: CacheEntry,
  look: Look | undefined,
  load: () => Promise<Answer | null>,
): Promise<(Answer & { at: Instant }) | null> {
  const at = cache.now()
  const answer = await load()
  if (!answer) return null
  if (!look || answer.text.length > maxLength) return { ...answer, at }
  const kept: Kept = { ...answer, stamp: look.stamp, at, freshUntil: at + jittered(freshFor, cache.random) }
  cache.memory.set(key, kept)
  const past = look.past.map(({ stamp }) => stamp)
  cache.runAfterwards(
    cache.attempt((redis) => {
      const pipeline = redis.pipeline().hset(key, { [kept.stamp]: packed(kept) })
      if (past.length > 0) pipeline.hdel(key, ...past)
      for (const [name, value] of Object.entries(answer.names ?? {}))
        pipeline.set(name, value, { ex: jittered(seconds, cache.random) })
      return pipeline.expire(key, jittered(seconds, cache.random)).exec()
    }),
  )
  return kept
}

/** The last that is known while the database is down, under whatever stamp; undefined when it is too old. */
export async function lastKnown(cache: Cache, shelf: CacheEntry): Promise<Answer | undefined> {
  return newestOf(cache, shelf, await lookAt(cache, shelf))
}

function newestOf(cache: Cache, { key }: CacheEntry, look: Look | undefined): Kept | undefined {
  const atHand = cache.memory.get(key)
  const known = [...(look?.kept ? [look.kept] : []), ...(look?.past ?? []), ...(atHand ? [atHand] : [])]
  const [newest] = known.sort((a, b) => b.at - a.at)
  return newest && cache.now() < newest.at + staleIfErrorMs ? newest : undefined
}

/** The text follows a line of its own, so that nothing has to parse or escape it; the client parses what looks like JSON. */
const packed = ({ at, freshUntil, facts, text }: Kept): string => `answer ${JSON.stringify({ at, freshUntil, facts })}\n${text}`

function unpacked(stamp: string, field: string): Kept {
  const end = field.indexOf('\n')
  const head = JSON.parse(field.slice('answer '.length, end)) as Pick<Kept, 'at' | 'freshUntil' | 'facts'>
  return { ...head, stamp, text: field.slice(end + 1) }
}
