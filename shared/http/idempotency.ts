import type { DataApi } from '../contracts/data'
import { AppError } from '../contracts/errors'
import type { Id, Instant, NewId, Prefix } from '../contracts/ids'
import { type Outcome, resultOf } from '../contracts/outcome'
import { logger } from '../runtime/logger'
import type { Collection, Documents, Planned } from '../storage/documents'
import { decrypt, digestOf, encrypt, type Seal, sealOf } from './idempotency-seal'

/** One key of one principal on one route: which attempt is running, or what was answered. It cannot be read without the key. */
type IdempotencyRecord = {
  /** The hash of principal, route and key. */
  _id: string
  /** Which request has the key. */
  fingerprint: string
  /** Goes into the ids of what the work makes; a retry after a crash makes the same thing, not another. */
  token: string
  state: 'running' | 'done'
  lockedUntil: Instant
  /** Encrypted; null until it is there. */
  answer: string | null
  expiresAt: Instant
}

export type IdempotencyStore = Collection<IdempotencyRecord>

export const idempotencyStore = (documents: Documents): IdempotencyStore =>
  documents.collection<IdempotencyRecord>({ name: 'idempotency', indexes: [{ keys: { expiresAt: 1 } }] })

/** How long a first request may run before a retry takes over. */
const lockFor = 30_000
/** How long an answer is kept. */
const keepFor = 24 * 3_600_000

/** What a route answers, as far as a repeat must have it too. */
export type Answer = { status: number; headers: Record<string, string>; body: string }

/** Who asks, where, under which key, and for what: all that makes it another request. */
export type IdempotentRequest = { principal: string; route: string; key: string; request: unknown }

/** One attempt at what was asked under a key. */
export type Attempt = {
  /** An attempt before this one broke off half-way. */
  resumed: boolean
  /** The id of what the work makes, the same in every attempt under the key. Two of one prefix are the same. */
  id<P extends Prefix>(prefix: P): Id<P>
  /**
   * Adds writes to the same database, to be done in one round trip with the keeping of the answer, after it. None of them may be
   * needed: a crash, or the failure of one, leaves them undone, and the answer stands.
   */
  deferWrites(writes: readonly Planned[]): void
  /** Says that nothing of the attempts before this one is left, so that a refusal frees the key, as that of a first attempt does. */
  releaseKeyOnError(): void
}

export type IdempotencyDeps = { idempotency: IdempotencyStore; data: DataApi; now: () => Instant; newId: NewId }

/**
 * Runs `work` once per principal, route and key, and answers repeats with what the first one answered. Only successes are kept:
 * a refusal, such as short stock, frees the key, since it may be mended. When the work broke off half-way, or failed on our side,
 * the next request with the key runs it again with the same ids. Then a refusal frees the key no more, unless the work is `clean`:
 * what an earlier attempt did is still found by its ids, and so not done twice.
 * @throws AppError `idempotency_key_reused` (another request), `idempotency_in_progress` (still running), and what `work` throws
 */
export async function runOnce(
  deps: IdempotencyDeps,
  { principal, route, key, request }: IdempotentRequest,
  work: (attempt: Attempt) => Promise<Answer>,
): Promise<{ answer: Answer; replayed: boolean }> {
  const _id = await digestOf(principal, route, key)
  const seal = await sealOf(_id, key, request)
  const claimed = await claim(deps, _id, seal)
  if ('answer' in claimed) return { answer: JSON.parse(await decrypt(seal, claimed.answer)), replayed: true }

  const { token, lockedUntil, resumed } = claimed
  const mine = { _id, token, state: 'running', lockedUntil }
  const writes: Planned[] = []
  let done = false
  let isClean = !resumed
  const attempt: Attempt = {
    resumed,
    id: (prefix) => `${prefix}_${token}`,
    deferWrites: (more) => void writes.push(...more),
    releaseKeyOnError: () => {
      isClean = true
    },
  }
  // Work that is done is never begun anew under other ids, whatever kept its answer from being kept.
  const isFree = (status: number) => !done && isClean && status < 500
  try {
    const answer = await work(attempt)
    done = answer.status < 300
    if (done) await keep(deps, mine, await encrypt(seal, JSON.stringify(answer)), writes)
    else await releaseKey(deps, mine, isFree(answer.status))
    return { answer, replayed: false }
  } catch (error) {
    await releaseKey(deps, mine, isFree(AppError.from(error)?.status ?? 500))
    throw error
  }
}

type Claimed = { token: string; lockedUntil: Instant; resumed: boolean } | { answer: string }

/** Takes the key for this attempt, or finds what was answered. */
async function claim({ idempotency: store, now, newId }: IdempotencyDeps, _id: string, seal: Seal): Promise<Claimed> {
  const started = now()
  const lockedUntil = started + lockFor
  const fresh = newId('req').slice('req_'.length)
  const { fingerprint } = seal
  const record = { fingerprint, token: fresh, state: 'running' as const, lockedUntil, answer: null, expiresAt: started + keepFor }
  if (await store.insertIfAbsent({ _id, ...record })) return { token: fresh, lockedUntil, resumed: false }

  const inProgress = new AppError('idempotency_in_progress', undefined, { retryAfter: 1 })
  const found = await store.findOne({ _id })
  if (!found) throw inProgress
  const resumed = found.expiresAt > started
  if (resumed) {
    if (found.fingerprint !== fingerprint) throw new AppError('idempotency_key_reused')
    if (found.answer !== null) return { answer: found.answer }
    if (found.lockedUntil > started) throw inProgress
  }
  const token = resumed ? found.token : fresh
  // Of two that take over at once, one matches.
  const seen = { _id, state: found.state, lockedUntil: found.lockedUntil, token: found.token }
  // A retry adds no time: what remembers the work of attempts does so for as long as a key lives, and no longer.
  const expiresAt = resumed ? found.expiresAt : record.expiresAt
  const { matchedCount } = await store.updateOne(seen, { $set: { ...record, token, expiresAt } })
  if (matchedCount === 0) throw inProgress
  return { token, lockedUntil, resumed }
}

type Mine = { _id: string; token: string; lockedUntil: Instant }

/** @throws AppError the refusal of a batch whose first operation was not done; what follows that may fail */
async function keep({ idempotency: store, data }: IdempotencyDeps, mine: Mine, answer: string, deferred: readonly Planned[]) {
  const kept = store.plan({ action: 'updateOne', filter: mine, update: { $set: { state: 'done', answer } } })
  const outcome: Outcome<unknown> = await data.batch([kept, ...deferred])
  if ('result' in outcome) return
  if (!outcome.problem.meta.done) resultOf(outcome)
  logger.warn('the answer is kept without all that goes along', { problem: outcome.problem })
}

/** Frees the key, or, when the work may be half done, lets the next attempt take it over at once. */
async function releaseKey({ idempotency: store, now }: IdempotencyDeps, mine: Mine, isFree: boolean): Promise<void> {
  try {
    if (isFree) await store.deleteOne(mine)
    else await store.updateOne(mine, { $set: { lockedUntil: now() } })
  } catch (error) {
    logger.warn('an idempotency key stays locked for a while', { error })
  }
}

/** Forgets answers that are past their day. */
export const sweepIdempotency = ({ idempotency, now }: Pick<IdempotencyDeps, 'idempotency' | 'now'>) =>
  idempotency.deleteMany({ expiresAt: { $lt: now() } })
