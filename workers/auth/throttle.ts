import type { Instant } from '../../shared/contracts/ids'
import type { Stored } from '../../shared/events/outbox'

/** What is counted: failed guesses at one account, guesses from one address, mails to one account. */
export type Limits = { account: number; address: number; mails: number }

/** At which account an attempt is made, and from where. */
export type Tried = { email: string; address: string }

/** Attempts of one kind on one subject within one window of time. At version 1 nobody has been told yet that it is full. */
export type Window = Stored & { count: number; expiresAt: Instant }

const windowFor: Instant = 15 * 60_000

/** A local run's clients all share one address. */
export const limitsFor = (environment: string): Limits => ({
  account: 10,
  address: environment === 'local' ? 1_500 : 50,
  mails: 3,
})

/** The present window of a subject, which is stored as a hash: a window says nothing of whose it is. */
export function windowOf(kind: keyof Limits, subjectHash: string, now: Instant): Pick<Window, '_id' | 'expiresAt'> {
  const index = Math.floor(now / windowFor)
  return { _id: `${kind}:${subjectHash}:${index}`, expiresAt: (index + 1) * windowFor }
}
