import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import { type Actor, ActorSchema } from '../../shared/contracts/actor'
import { accessTokenRules } from '../../shared/contracts/auth'
import { AppError } from '../../shared/contracts/errors'

const refetchAfter = 5 * 60_000
/** Auth is asked at most this often: a forger with unknown keys must not make us ask at will, nor an auth that is down make all wait. */
const pause = 10_000

/**
 * A token that was found good is taken for good for so long without another look at its signature, but never past its own time. A
 * key that auth withdraws is thereby refused a minute later at the most.
 */
const trustFor = 60_000
/** In characters: several times that of any token of ours. */
const maxTokenLength = 4_096
/** Tokens remembered at once; beyond that all are forgotten and looked at again. */
const maxTrusted = 5_000

type KeySet = ReturnType<typeof createLocalJWKSet>
type Trusted = { actor: Actor; until: number }

/** Auth's public keys, kept by this isolate. They are no state of a request, and the same for all. */
export class KeyCache {
  #keys: KeySet | undefined
  #fetchedAt = 0
  #askedAt = 0
  readonly #trusted = new Map<string, Trusted>()
  readonly #load: () => Promise<JSONWebKeySet>
  readonly #now: () => number

  constructor(load: () => Promise<JSONWebKeySet>, now: () => number = Date.now) {
    this.#load = load
    this.#now = now
  }

  /** @throws AppError `unavailable` when auth does not answer and nothing is cached */
  async keys(fresherThan = refetchAfter): Promise<KeySet> {
    const now = this.#now()
    if (this.#keys && (now - this.#fetchedAt < fresherThan || now - this.#askedAt < pause)) return this.#keys
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
    const known = this.#trusted.get(token)
    if (known && known.until > this.#now()) return known.actor
    try {
      return await this.#verify(token, await this.keys())
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw refusal(error)
    }
    try {
      return await this.#verify(token, await this.keys(pause))
    } catch (error) {
      throw refusal(error)
    }
  }

  async #verify(token: string, keys: KeySet): Promise<Actor> {
    const now = this.#now()
    const { payload } = await jwtVerify(token, keys, { ...accessTokenRules, currentDate: new Date(now) })
    const actor = toActor(payload)
    if (this.#trusted.size >= maxTrusted) this.#trusted.clear()
    this.#trusted.set(token, { actor, until: Math.min(now + trustFor, (payload.exp ?? 0) * 1000) })
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
