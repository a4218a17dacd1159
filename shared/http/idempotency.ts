import type { Context } from 'hono'
import type { Json } from '../contracts/data'
import { AppError } from '../contracts/errors'
import type { Instant, UserId } from '../contracts/ids'
import type { Collection, Documents } from '../storage/documents'

/** One key of one principal on one route: who is at it, or what was answered. */
export type IdempotencyRecord = {
  _id: string
  fingerprint: string
  /** The id that the work gives to what it makes; a retry after a crash makes the same thing, not another. */
  token: string
  state: 'running' | 'done'
  lockedUntil: Instant
  answer: Json
  expiresAt: Instant
}

export type IdempotencyStore = Collection<IdempotencyRecord>

export const idempotencyStore = (documents: Documents): IdempotencyStore =>
  documents.collection<IdempotencyRecord>({ name: 'idempotency', indexes: [{ keys: { expiresAt: 1 } }] })

/** How long a first request may run before a retry takes over. */
const lockFor = 30_000
/** How long an answer is kept. */
const keepFor = 24 * 3_600_000

export type Keyed = { principal: UserId; route: string; key: string; body: unknown }

/** The Idempotency-Key of a request. @throws AppError `idempotency_key_required`, `bad_request` when it is unusable */
export function requireKey(c: Context): string {
  const key = c.req.header('idempotency-key')
  if (key === undefined || key === '') throw new AppError('idempotency_key_required')
  if (!/^[\x21-\x7e]{1,200}$/.test(key))
    throw new AppError('bad_request', 'Idempotency-Key: 1 to 200 printable characters, no spaces')
  return key
}

/**
 * Runs `work` once per principal, route and key, and answers repeats with what the first one answered. Only successes are kept:
 * a refusal, such as short stock, frees the key, since it may be mended. When the work broke off half-way, the next request
 * with the key runs it again with the same token.
 * @throws AppError `idempotency_key_reused` (another body), `idempotency_in_progress` (still running), and what `work` throws
 */
export async function once<T extends Json | object>(
  { store, now, newToken }: { store: IdempotencyStore; now: () => Instant; newToken: () => string },
  keyed: Keyed,
  work: (token: string) => Promise<T>,
): Promise<T> {
  const _id = `${keyed.principal}:${keyed.route}:${keyed.key}`
  const fingerprint = await digest(keyed.body)
  const started = now()
  const claim = {
    fingerprint,
    token: newToken(),
    state: 'running' as const,
    lockedUntil: started + lockFor,
    expiresAt: started + keepFor,
  }
  let token = claim.token
  if (!(await store.insertIfAbsent({ _id, ...claim, answer: null }))) {
    const found = await store.findOne({ _id })
    if (!found) throw new AppError('idempotency_in_progress', undefined, { retryAfter: 1 })
    const expired = found.expiresAt <= started
    if (!expired && found.fingerprint !== fingerprint) throw new AppError('idempotency_key_reused')
    if (!expired && found.state === 'done') return found.answer as T
    if (!expired && found.lockedUntil > started) throw new AppError('idempotency_in_progress', undefined, { retryAfter: 1 })
    if (!expired) token = found.token
    // Of two that take over at once, one matches.
    const { matchedCount } = await store.updateOne(
      { _id, state: found.state, lockedUntil: found.lockedUntil, token: found.token },
      { $set: { ...claim, token } },
    )
    if (matchedCount === 0) throw new AppError('idempotency_in_progress', undefined, { retryAfter: 1 })
  }
  const mine = { _id, token, state: 'running', lockedUntil: claim.lockedUntil }
  try {
    const answer = await work(token)
    await store.updateOne(mine, { $set: { state: 'done', answer: JSON.parse(JSON.stringify(answer)) } })
    return answer
  } catch (error) {
    const known = AppError.from(error)
    if (known && known.status < 500) await store.deleteOne(mine)
    else await store.updateOne(mine, { $set: { lockedUntil: now() } })
    throw error
  }
}

/** Forgets answers that are past their day. */
export const sweepIdempotency = (store: IdempotencyStore, now: Instant) => store.deleteMany({ expiresAt: { $lt: now } })

async function digest(body: unknown): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(canonical(body)))
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** JSON with sorted keys, so that the order of members does not make another body. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{${members
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`)
    .join(',')}}`
}
