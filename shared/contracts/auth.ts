import type { Actor } from './actor'
import type { Id, UserId } from './ids'

export type Contact = { userId: UserId; email: string; name: string; role: 'buyer' | 'seller' | 'admin' }

/** What a mail needs: whom it goes to and the token that its link carries. */
export type MailToken = { contact: Contact; token: string; expiresAt: number }

/** What other Workers may ask auth. */
export interface AuthApi {
  /** Who a token speaks for. @throws AppError `token_invalid`, `token_expired` */
  verifyAccessToken(token: string): Promise<Actor>
  /** How to reach a user; null for guests and for nobody. */
  contact(userId: UserId): Promise<Contact | null>
  /** The token of the mail that verifies an address; the same one each time; null when it is verified already. */
  emailVerification(userId: UserId): Promise<MailToken | null>
  /** The token that resets a password; the same one for the same request; null when the request is spent or unknown. */
  passwordReset(userId: UserId, requestId: Id<'req'>): Promise<MailToken | null>
}
