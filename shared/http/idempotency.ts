import type { Context } from 'hono'
import type { DataApi, Json } from '../contracts/data'
import { AppError } from '../contracts/errors'
import type { Instant, UserId } from '../contracts/ids'
import { type Outcome, resultOf } from '../contracts/outcome'
import type { Collection, Documents, Planned } from '../storage/documents'
import { logger } from './logger'

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

/** What work answers, and writes to the same database that are done in one round trip with the keeping of the answer, after it. */
export type Answered<T> = {
  answer: T
  /** None of them may be needed: a crash, or the failure of one, leaves them undone, and the answer stands. */
  along?: readonly Planned[]
}

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
  { store, data, now, newToken }: { store: IdempotencyStore; data: DataApi; now: () => Instant; newToken: () => string },
  keyed: Keyed,
  work: (token: string) => Promise<Answered<T>>,
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
    const { answer, along = [] } = await work(token)
    const update = { $set: { state: 'done', answer: JSON.parse(JSON.stringify(answer)) } }
    requireFirst(await data.batch([store.plan({ action: 'updateOne', filter: mine, update }), ...along]))
    return answer
  } catch (error) {
    const known = AppError.from(error)
    if (known && known.status < 500) await store.deleteOne(mine)
    else await store.updateOne(mine, { $set: { lockedUntil: now() } })
    throw error
  }
}

/** @throws AppError the refusal of a batch whose first operation was not done; what follows that may fail */
function requireFirst(outcome: Outcome<unknown>): void {
  if ('result' in outcome) return
  if (!outcome.problem.meta.done) resultOf(outcome)
  logger.warn('the answer is kept without all that goes along', { problem: outcome.problem })
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
