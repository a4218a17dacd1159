import type { Instant } from '../../shared/contracts/ids'
import type { Stored } from '../../shared/events/outbox'

/** The most failed guesses at one account, guesses from one address, and e-mails to one account. */
export type Limits = { account: number; address: number; mails: number }

/** The account that an attempt is made at, and the address that it comes from. */
export type SignInAttempt = { email: string; address: string }

/** The attempts of one kind at one subject in one window of time. Version 1 means that no lock-out is published yet. */
export type Window = Stored & { count: number; expiresAt: Instant }

const windowFor: Instant = 15 * 60_000

/** In a local run all clients share one address. */
export const limitsFor = (environment: string): Limits => ({
  account: 10,
  address: environment === 'local' ? 1_500 : 50,
  mails: 3,
})

/** The current window of a subject. The subject is stored as a hash, so that a window does not reveal it. */
export function windowOf(kind: keyof Limits, subjectHash: string, now: Instant): Pick<Window, '_id' | 'expiresAt'> {
  const index = Math.floor(now / windowFor)
  return { _id: `${kind}:${subjectHash}:${index}`, expiresAt: (index + 1) * windowFor }
}
