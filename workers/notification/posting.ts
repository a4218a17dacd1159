import type { Instant } from '../../shared/contracts/ids'
import { logger } from '../../shared/http/logger'
import type { Deps } from './deps'
import { greeting, passwordResetMail, verificationMail } from './letters'
import type { Letter, Mail } from './mail'

/** A mail that a crash left half-sent is tried again after this. */
const lease: Instant = 60_000
/** News that is older than a day is no news: it is not sent when a provider comes back. */
const sendWithin: Instant = 24 * 3_600_000
/** How long mails are remembered; longer than any event is redelivered. */
const rememberFor: Instant = 30 * 24 * 3_600_000
/** The most that are sent in one go, since each asks auth for its address. */
const atOnce = 20

/** Writes mails down, then sends them if they are few; many wait for the sweep. What fails is tried again by the sweep. */
export async function post(deps: Deps, mails: readonly Pick<Mail, '_id' | 'userId' | 'guestEmail' | 'content'>[]): Promise<void> {
  const now = deps.now()
  await deps.mails.add(mails.map((mail) => ({ ...mail, status: 'queued' as const, attempts: 0, dueAt: now, createdAt: now })))
  if (mails.length > atOnce) return
  await dispatch(
    deps,
    mails.map(({ _id }) => _id),
  )
}

/** Sends mails that are due, oldest first. */
export async function dispatchDue(deps: Deps): Promise<void> {
  const due = await deps.mails.due(deps.now(), atOnce)
  await dispatch(
    deps,
    due.map(({ _id }) => _id),
  )
}

/** Forgets mails that no event can ask for again. */
export const forgetMails = (deps: Deps) => deps.mails.forget(deps.now() - rememberFor)

async function dispatch(deps: Deps, ids: readonly string[]): Promise<void> {
  if (!deps.mailer || ids.length === 0) return
  const claimed = await deps.mails.claim(ids, deps.now(), lease)
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
    await deps.mailer?.send(letter)
    return { status: 'sent' }
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
