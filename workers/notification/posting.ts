import { AppError } from '../../shared/contracts/errors'
import type { EventId, Instant } from '../../shared/contracts/ids'
import { logger } from '../../shared/http/logger'
import type { Deps } from './deps'
import { greeting, passwordResetMail, verificationMail } from './letters'
import { type Draft, type Letter, lease, type Mail, mailOf } from './mail'
import type { Notification } from './notification'

/** News that is older than a day is no news: it is not sent when a provider comes back. */
const sendWithin: Instant = 24 * 3_600_000
/** How long mails are remembered; longer than any event is redelivered. */
const rememberFor: Instant = 30 * 24 * 3_600_000
/** The most that are sent in one go, since each asks auth for its address. */
const atOnce = 20

/** What an event has people told: lines of their inboxes, and mails. */
type Told = { notifications: readonly Notification[]; drafts: readonly Draft[] }

/**
 * Writes down what people are told of an event, in one round trip. Returns the notifications as they are stored, and the mails that
 * are the caller's to `send`: none when they are many, or nobody sends any; those wait for the sweep.
 */
export async function record(
  deps: Deps,
  eventId: EventId,
  { notifications, drafts }: Told,
): Promise<{ stored: readonly Notification[]; claimed: readonly Mail[] }> {
  if (notifications.length === 0 && drafts.length === 0) return { stored: [], claimed: [] }
  const now = deps.now()
  const claiming = deps.mailer !== null && drafts.length <= atOnce
  const mails = drafts.map((draft) => mailOf(draft, now, claiming))
  try {
    await deps.documents.batch([
      // First, so that whatever was refused, no mail is missing.
      ...(mails.length > 0 ? [deps.mails.adding(mails)] : []),
      ...(notifications.length > 0 ? [deps.inbox.adding(notifications)] : []),
    ])
    return { stored: notifications, claimed: claiming ? mails : [] }
  } catch (error) {
    if (!AppError.is(error, 'duplicate_key')) throw error
  }
  // An earlier attempt wrote some of it, notifications under other ids; mails it may be sending right now.
  await deps.inbox.add(notifications)
  const userIds = notifications.map(({ userId }) => userId)
  const ids = claiming ? mails.map(({ _id }) => _id) : []
  return { stored: await deps.inbox.ofEvent(eventId, userIds), claimed: await deps.mails.claim(ids, now, lease) }
}

/** Writes mails down and sends them. What fails is tried again by the sweep. */
export async function post(deps: Deps, eventId: EventId, drafts: readonly Draft[]): Promise<void> {
  const { claimed } = await record(deps, eventId, { notifications: [], drafts })
  await send(deps, claimed)
}

/** Sends mails that are due, oldest first. */
export async function dispatchDue(deps: Deps): Promise<void> {
  if (!deps.mailer) return
  const due = await deps.mails.due(deps.now(), atOnce)
  const ids = due.map(({ _id }) => _id)
  await send(deps, await deps.mails.claim(ids, deps.now(), lease))
}

/** Forgets mails that no event can ask for again. */
export const forgetMails = (deps: Deps) => deps.mails.forget(deps.now() - rememberFor)

/** Sends mails that the caller has claimed. */
export async function send(deps: Deps, claimed: readonly Mail[]): Promise<void> {
  if (claimed.length === 0) return
  const ends = await Promise.all(claimed.map((mail) => deliver(deps, mail)))
  await deps.mails.collection.batch(
    claimed.map(({ _id }, index) => ({ action: 'updateOne' as const, filter: { _id }, update: { $set: ends[index] ?? {} } })),
  )
}

/** What becomes of a mail. Never rejects: a mail that cannot go now must not hold up the others, or the event. */
async function deliver(deps: Deps, mail: Mail): Promise<Partial<Mail>> {
  try {
    const letter = mail.createdAt > deps.now() - sendWithin ? await compose(deps, mail) : null
    if (!letter) return { status: 'dropped' }
    return { status: 'sent', ...(await deps.mailer?.send(letter)) }
  } catch (error) {
    logger.warn('mail waits for the sweep', { mail: mail._id, attempts: mail.attempts, error })
    return { dueAt: deps.now() + Math.min(60, 2 ** mail.attempts) * 60_000 }
  }
}

/** The letter as it stands now; null when there is nobody to write to, or nothing left to say. */
async function compose(deps: Deps, { _id: id, userId, guestEmail, content }: Mail): Promise<Letter | null> {
  if (content.kind === 'notice') {
    const contact = await deps.auth.contact(userId)
    const to = contact?.email ?? guestEmail
    return to ? { id, to, subject: content.subject, text: greeting(contact?.name, content.text) } : null
  }
  const found = await (content.kind === 'verification'
    ? deps.auth.emailVerification(userId)
    : deps.auth.passwordReset(userId, content.requestId))
  if (!found || found.expiresAt <= deps.now()) return null
  const write = content.kind === 'verification' ? verificationMail : passwordResetMail
  return { id, to: found.contact.email, ...write(found, deps.publicUrl) }
}
