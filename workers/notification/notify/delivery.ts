import type { AuthApi } from '../../../shared/contracts/auth'
import { AppError, problems } from '../../../shared/contracts/errors'
import type { Instant } from '../../../shared/contracts/ids'
import { backoff } from '../../../shared/events/consume'
import { logger } from '../../../shared/runtime/logger'
import type { RenderedEmail } from '../email/content'
import { type Deliverability, maySendTo } from '../email/deliverability'
import type { Email } from '../email/email'
import type { EmailRepo } from '../email/email-repo'
import type { Mailer } from '../email/mailer'
import { isExpired, recipientOf, renderAccountEmail, renderNotice } from '../email/rendering'
import type { SuppressionList } from '../email/suppression-list'
import { type FailureNeeds, giveUp, showInApp } from './delivery-failure'

export type DeliveryNeeds = FailureNeeds & {
  auth: Pick<AuthApi, 'contact' | 'emailVerification' | 'passwordReset'>
  emails: Pick<EmailRepo, 'recordResults'>
  suppressions: Pick<SuppressionList, 'lookUp'>
  mailer: Mailer | null
  random: () => number
  publicUrl: string
}

/** An e-mail that is older than a day is not sent when a provider comes back, because it is no longer news. */
export const deliverWithin: Instant = 24 * 3_600_000
/** The most seconds between two attempts: there are 12 in the first hour, and then one an hour. */
const longestBackoff = 3_600

/** Delivers e-mails that the caller has claimed, and records the results. */
export async function deliver(needs: DeliveryNeeds, claimed: readonly Email[]): Promise<void> {
  if (claimed.length === 0) return
  const composed = await Promise.all(claimed.map((email) => attempt(() => compose(needs, email))))
  const addresses = composed.flatMap(({ value }) => (value ? [value.to] : []))
  const lookUp = await attempt(() => needs.suppressions.lookUp(addresses))
  const results = await Promise.all(
    claimed.map(async (email, index) => {
      const { error = lookUp.error, value: rendered = null } = composed[index] ?? {}
      return { email, result: await (error ? retryLater(needs, email, error) : deliverOne(needs, email, rendered, lookUp.value)) }
    }),
  )
  await needs.emails.recordResults(results)
}

type Attempt<T> = { value: T; error?: undefined } | { value?: undefined; error: unknown }

async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await work() }
  } catch (error) {
    return { error }
  }
}

/** Returns the result of a delivery. Never rejects: an e-mail that cannot go now must not block the others, or the event. */
async function deliverOne(
  needs: DeliveryNeeds,
  email: Email,
  rendered: RenderedEmail | null,
  deliverabilityOf: ((address: string) => Deliverability) | undefined,
): Promise<Partial<Email>> {
  try {
    if (!rendered) return { status: 'dropped' }
    // An e-mail that was never tried did not fail: there was no provider.
    if (isLate(needs, email) && email.attempts <= 1) return await drop(needs, email, 'It waited a day for a provider')
    if (isLate(needs, email)) return await giveUp(needs, email, new Error(email.error ?? 'No attempt came to an end'))
    const deliverability = deliverabilityOf?.(rendered.to) ?? 'ok'
    if (!maySendTo(deliverability, email)) return await drop(needs, email, `The address has ${deliverability}`)
    return { status: 'sent', error: null, ...(await needs.mailer?.send(rendered)) }
  } catch (error) {
    return retryLater(needs, email, error)
  }
}

const isLate = ({ now }: Pick<DeliveryNeeds, 'now'>, { since }: Email): boolean => since <= now() - deliverWithin

async function drop(needs: DeliveryNeeds, email: Email, error: string): Promise<Partial<Email>> {
  await showInApp(needs, email)
  return { status: 'dropped', error }
}

/** When an e-mail is tried again. One that will never be accepted, or not in time, is given up. */
async function retryLater(needs: DeliveryNeeds, email: Email, error: unknown): Promise<Partial<Email>> {
  const known = AppError.from(error)
  const seconds = Math.max(backoff(email.attempts, needs.random, longestBackoff), known?.meta.retryAfter ?? 0)
  const next = { dueAt: needs.now() + seconds * 1_000, error: describe(error) }
  const isRefused = known !== undefined && !problems[known.code].retry
  if (!isRefused && next.dueAt < email.since + deliverWithin) {
    logger.warn('e-mail waits for the sweep', { emailId: email._id, attempts: email.attempts, error })
    return next
  }
  const givenUp = await attempt(() => giveUp(needs, email, error))
  return givenUp.value ?? next
}

const describe = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : 'unknown')

/** Renders an e-mail as of now; null when there is no address, or its token is no longer needed. */
async function compose({ auth, now, publicUrl }: DeliveryNeeds, email: Email): Promise<RenderedEmail | null> {
  const { userId, guestEmail, content } = email
  if (content.kind === 'notice' || content.kind === 'digest') {
    const recipient = recipientOf(await auth.contact(userId), guestEmail)
    return recipient && renderNotice({ ...email, content }, recipient, publicUrl)
  }
  const found = await (content.kind === 'verification'
    ? auth.emailVerification(userId)
    : auth.passwordReset(userId, content.requestId))
  return found && !isExpired(found, now()) ? renderAccountEmail(email, content.kind, found, publicUrl) : null
}
