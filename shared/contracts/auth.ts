import type { Actor } from './actor'
import type { Id, UserId } from './ids'

/** With the value `cookie` a browser asks to have its refresh token in a cookie that no script can read; without it cookies count for nothing. */
export const sessionHeader = 'credenza-session'
/**
 * The cookie that holds a browser's refresh token. By its prefix a browser takes it from this host alone, over TLS alone.
 * Source: RFC 6265bis, section 4.1.3.2
 */
export const sessionCookie = '__Host-credenza_refresh'

export type Contact = { userId: UserId; email: string; name: string; role: 'buyer' | 'seller' | 'admin' }

/**
 * What every verifier requires of an access token. The algorithm is pinned, so that the token's own header decides nothing. The type
 * keeps other JWTs of ours from being accepted as access tokens. Source: RFC 9068
 */
export const accessTokenRules = {
  issuer: 'https://credenza',
  audience: 'credenza',
  algorithms: ['EdDSA'],
  typ: 'at+jwt',
  requiredClaims: ['exp', 'iat', 'sub', 'sid'],
}

/** What an e-mail needs: its recipient and the token of its link. */
export type MailToken = { contact: Contact; token: string; expiresAt: number }

/** What other Workers may ask auth. */
export interface AuthApi {
  /** The actor of an access token. @throws AppError `token_invalid`, `token_expired` */
  verifyAccessToken(token: string): Promise<Actor>
  /** How to reach a user; null for guests and unknown ids. */
  contact(userId: UserId): Promise<Contact | null>
  /** The token of the e-mail that verifies an address; always the same one; null when the address is verified. */
  emailVerification(userId: UserId): Promise<MailToken | null>
  /** The token that resets a password; the same one for the same request; null when the request is used or unknown. */
  passwordReset(userId: UserId, requestId: Id<'req'>): Promise<MailToken | null>
}
