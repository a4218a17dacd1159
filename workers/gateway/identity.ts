import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import { type Actor, ActorSchema } from '../../shared/contracts/actor'
import { accessTokenRules } from '../../shared/contracts/auth'
import { AppError } from '../../shared/contracts/errors'

const refetchAfter = 5 * 60_000
/** Keys are fetched at most this often, so neither forged key ids nor an auth that is down make every request wait for auth. */
const minRefetchInterval = 10_000

/**
 * How long a verified token counts as verified without another look at its signature, but never beyond its expiry. A key that auth
 * withdraws is therefore refused within a minute.
 */
const verificationTtl = 60_000
/** In characters: several times the length of any token that auth issues. */
const maxTokenLength = 4_096
/** The most verified tokens remembered; beyond that all are forgotten and verified again. */
const maxVerified = 5_000

type KeySet = ReturnType<typeof createLocalJWKSet>
type Verified = { actor: Actor; until: number }

/** Auth's public keys, cached by this isolate. They belong to no request and are the same for all. */
export class KeyCache {
  #keys: KeySet | undefined
  #fetchedAt = 0
  #askedAt = 0
  readonly #verified = new Map<string, Verified>()
  readonly #load: () => Promise<JSONWebKeySet>
  readonly #now: () => number

  constructor(load: () => Promise<JSONWebKeySet>, now: () => number = Date.now) {
    this.#load = load
    this.#now = now
  }

  /** @throws AppError `unavailable` when auth does not answer and nothing is cached */
  async keys(fresherThan = refetchAfter): Promise<KeySet> {
    const now = this.#now()
    if (this.#keys && (now - this.#fetchedAt < fresherThan || now - this.#askedAt < minRefetchInterval)) return this.#keys
    this.#askedAt = now
    try {
      this.#keys = createLocalJWKSet(await this.#load())
      this.#fetchedAt = this.#now()
    } catch (error) {
      if (!this.#keys) throw AppError.from(error) ?? new AppError('unavailable')
    }
    return this.#keys
  }

  /** The actor of a bearer token. @throws AppError `token_expired`, `token_invalid`, `unavailable` */
  async actor(token: string): Promise<Actor> {
    if (token.length > maxTokenLength) throw new AppError('token_invalid')
    const known = this.#verified.get(token)
    if (known && known.until > this.#now()) return known.actor
    try {
      return await this.#verify(token, await this.keys())
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw refusal(error)
    }
    try {
      return await this.#verify(token, await this.keys(minRefetchInterval))
    } catch (error) {
      throw refusal(error)
    }
  }

  async #verify(token: string, keys: KeySet): Promise<Actor> {
    const now = this.#now()
    const { payload } = await jwtVerify(token, keys, { ...accessTokenRules, currentDate: new Date(now) })
    const actor = toActor(payload)
    if (this.#verified.size >= maxVerified) this.#verified.clear()
    this.#verified.set(token, { actor, until: Math.min(now + verificationTtl, (payload.exp ?? 0) * 1000) })
    return actor
  }
}

function toActor({ sub, sid, role, name }: JWTPayload): Actor {
  const actor = ActorSchema.safeParse({ userId: sub, sessionId: sid, role, name })
  if (!actor.success) throw new AppError('token_invalid')
  return actor.data
}

const refusal = (error: unknown): AppError =>
  AppError.from(error) ?? new AppError(error instanceof errors.JWTExpired ? 'token_expired' : 'token_invalid')

/** The token of an Authorization header. @throws AppError `token_invalid` for another scheme */
export function bearerOf(header: string | null): string | undefined {
  if (header === null) return undefined
  const token = header.match(/^Bearer ([A-Za-z0-9._~+/=-]+)$/i)?.[1]
  if (token === undefined) throw new AppError('token_invalid', 'Authorization: expected "Bearer <token>"')
  return token
}
