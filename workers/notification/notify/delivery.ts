import { AppError, problems } from '../../../shared/contracts/errors'
import type { Instant } from '../../../shared/contracts/ids'
import { backoff } from '../../../shared/events/consume'
import { logger } from '../../../shared/runtime/logger'
import type { Deps } from '../deps'
import type { Mail } from '../email/email'
import { accountLetter, addresseeOf, isOver, type Letter, letterAbout } from '../email/rendering'
import { mayWriteTo, type Standing } from '../email/suppression-list'
import { giveUp, tellInApp } from './delivery-failure'

/** News that is older than a day is no news: it is not sent when a provider comes back. */
export const sendWithin: Instant = 24 * 3_600_000
/** Seconds that an attempt waits at most for the next: 12 attempts take the first hour, and then there is one an hour. */
const longestBackoff = 3_600

/** Sends mails that the caller has claimed, and notes what became of them. */
export async function send(deps: Deps, claimed: readonly Mail[]): Promise<void> {
  if (claimed.length === 0) return
  const composed = await Promise.all(claimed.map((mail) => attempt(() => compose(deps, mail))))
  const addresses = composed.flatMap(({ value }) => (value ? [value.to] : []))
  const standing = await attempt(() => deps.addresses.of(addresses))
  const ends = await Promise.all(
    claimed.map(async (mail, index) => {
      const { error = standing.error, value: letter = null } = composed[index] ?? {}
      return { mail, end: await (error ? later(deps, mail, error) : deliver(deps, mail, letter, standing.value)) }
    }),
  )
  await deps.mails.settle(ends)
}

type Attempt<T> = { value: T; error?: undefined } | { value?: undefined; error: unknown }

async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await work() }
  } catch (error) {
    return { error }
  }
}

/** What becomes of a mail. Never rejects: a mail that cannot go now must not hold up the others, or the event. */
async function deliver(
  deps: Deps,
  mail: Mail,
  letter: Letter | null,
  standingOf: ((address: string) => Standing) | undefined,
): Promise<Partial<Mail>> {
  try {
    if (!letter) return { status: 'dropped' }
    // One that was never tried is no failure: nobody was there to send it.
    if (isLate(deps, mail) && mail.attempts <= 1) return await drop(deps, mail, 'It waited a day for a provider')
    if (isLate(deps, mail)) return await giveUp(deps, mail, new Error(mail.error ?? 'No attempt came to an end'))
    const standing = standingOf?.(letter.to) ?? 'ok'
    if (!mayWriteTo(standing, mail)) return await drop(deps, mail, `The address has ${standing}`)
    return { status: 'sent', error: null, ...(await deps.mailer?.send(letter)) }
  } catch (error) {
    return later(deps, mail, error)
  }
}

const isLate = (deps: Deps, { since }: Mail): boolean => since <= deps.now() - sendWithin

async function drop(deps: Deps, mail: Mail, error: string): Promise<Partial<Mail>> {
  await tellInApp(deps, mail)
  return { status: 'dropped', error }
}

/** When a mail is tried again; one that never will be taken, or not in time, is given up. */
async function later(deps: Deps, mail: Mail, error: unknown): Promise<Partial<Mail>> {
  const known = AppError.from(error)
  const seconds = Math.max(backoff(mail.attempts, deps.random, longestBackoff), known?.meta.retryAfter ?? 0)
  const next = { dueAt: deps.now() + seconds * 1_000, error: describe(error) }
  const isRefused = known !== undefined && !problems[known.code].retry
  if (!isRefused && next.dueAt < mail.since + sendWithin) {
    logger.warn('mail waits for the sweep', { mail: mail._id, attempts: mail.attempts, error })
    return next
  }
  const givenUp = await attempt(() => giveUp(deps, mail, error))
  return givenUp.value ?? next
}

const describe = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : 'unknown')

/** The letter as it stands now; null when there is nobody to write to, or nothing left to say. */
async function compose(deps: Deps, mail: Mail): Promise<Letter | null> {
  const { userId, guestEmail, content } = mail
  if (content.kind === 'notice' || content.kind === 'digest') {
    const addressee = addresseeOf(await deps.auth.contact(userId), guestEmail)
    return addressee && letterAbout({ ...mail, content }, addressee, deps.publicUrl)
  }
  const found = await (content.kind === 'verification'
    ? deps.auth.emailVerification(userId)
    : deps.auth.passwordReset(userId, content.requestId))
  return found && !isOver(found, deps.now()) ? accountLetter(mail, content.kind, found, deps.publicUrl) : null
}
