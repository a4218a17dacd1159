import type { Instant } from '../../shared/contracts/ids'

/** What is counted: failed guesses at one account, guesses from one address, mails to one account. */
export type Limits = { account: number; address: number; mails: number }

/** Attempts of one kind on one subject within one window of time. */
export type Window = { _id: string; count: number; expiresAt: Instant }

const windowFor: Instant = 15 * 60_000

/** A local run's clients all share one address. */
export const limitsFor = (environment: string): Limits => ({
  account: 10,
  address: environment === 'local' ? 1_500 : 50,
  mails: 3,
})

/** The present window of a subject, which is stored as a hash: a window says nothing of whose it is. */
export function windowOf(kind: keyof Limits, subjectHash: string, now: Instant): Omit<Window, 'count'> {
  const index = Math.floor(now / windowFor)
  return { _id: `${kind}:${subjectHash}:${index}`, expiresAt: (index + 1) * windowFor }
}
