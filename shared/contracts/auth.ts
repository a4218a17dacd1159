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
 * The rules by which an access token is verified. The algorithm is pinned: the token's own header decides nothing. The
 * type keeps any other JWT of ours from passing for an access token. Source: RFC 9068
 */
export const accessTokenRules = {
  issuer: 'https://credenza',
  audience: 'credenza',
  algorithms: ['EdDSA'],
  typ: 'at+jwt',
  requiredClaims: ['exp', 'iat', 'sub', 'sid'],
}

/** What a mail needs: its recipient and the token in its link. */
export type MailToken = { contact: Contact; token: string; expiresAt: number }

/** What other Workers may ask auth. */
export interface AuthApi {
  /** Who a token speaks for. @throws AppError `token_invalid`, `token_expired` */
  verifyAccessToken(token: string): Promise<Actor>
  /** How to reach a user; null for guests and unknown ids. */
  contact(userId: UserId): Promise<Contact | null>
  /** The token of the mail that verifies an address; the same one each time; null when it is verified already. */
  emailVerification(userId: UserId): Promise<MailToken | null>
  /** The token that resets a password; the same one for the same request; null when the request is spent or unknown. */
  passwordReset(userId: UserId, requestId: Id<'req'>): Promise<MailToken | null>
}
