import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { AppError } from '../../shared/contracts/errors'
import type { Id, SessionId, UserId } from '../../shared/contracts/ids'

/**
 * Tokens that consist of a subject and a MAC over it, so that each can be made again from stored fields. A token is valid only as long
 * as the document of its subject says so.
 */
export type OpaqueTokens = {
  refresh(sessionId: SessionId, generation: number): string
  /** @throws AppError `token_invalid` for a token that this Worker did not make; the other readers do the same */
  readRefresh(token: string): { sessionId: SessionId; generation: number }
  verification(userId: UserId): string
  readVerification(token: string): { userId: UserId }
  reset(userId: UserId, requestId: Id<'req'>): string
  readReset(token: string): { userId: UserId; requestId: Id<'req'> }
  /** The same digest for the same text; the text cannot be guessed from it without the secret. */
  pseudonym(text: string): string
}

const ulid = '[0-9a-hjkmnp-tv-z]{26}'
const refreshSubject = new RegExp(`^(ses_${ulid})\\.([1-9][0-9]{0,8})$`)
const verificationSubject = new RegExp(`^(usr_${ulid})$`)
const resetSubject = new RegExp(`^(usr_${ulid})\\.(req_${ulid})$`)

export function opaqueTokens(secret: string): OpaqueTokens {
  // The MAC covers the purpose, so that a token of one kind is not valid as another.
  const sign = (purpose: string, subject: string): string =>
    `${subject}.${createHmac('sha256', secret).update(`${purpose}:${subject}`).digest('base64url')}`
  const read = (purpose: string, shape: RegExp, token: string): string[] => {
    const subject = token.slice(0, Math.max(0, token.lastIndexOf('.')))
    const parts = subject.match(shape)
    if (!parts || !sameText(sign(purpose, subject), token)) throw new AppError('token_invalid')
    return parts.slice(1)
  }
  return {
    refresh: (sessionId, generation) => sign('refresh', `${sessionId}.${generation}`),
    readRefresh: (token) => {
      const [sessionId, generation] = read('refresh', refreshSubject, token)
      return { sessionId: sessionId as SessionId, generation: Number(generation) }
    },
    verification: (userId) => sign('verification', userId),
    readVerification: (token) => ({ userId: read('verification', verificationSubject, token)[0] as UserId }),
    reset: (userId, requestId) => sign('reset', `${userId}.${requestId}`),
    readReset: (token) => {
      const [userId, requestId] = read('reset', resetSubject, token)
      return { userId: userId as UserId, requestId: requestId as Id<'req'> }
    },
    pseudonym: (text) => createHmac('sha256', secret).update(`pseudonym:${text}`).digest('hex'),
  }
}

/** SHA-256 in hex. Tokens are stored as this hash. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Compares in a time that does not depend on where two texts differ. */
export function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
