import type { Instant, NewId } from '../../../shared/contracts/ids'
import { type DeadLetters, park } from '../../../shared/events/dead-letters'
import { envelopes } from '../../../shared/events/publish'
import { logger } from '../../../shared/runtime/logger'
import { emailUndelivered } from '../content/messages'
import type { Notification } from '../content/notification'
import { type Email, type EmailItem, itemsOf } from '../email/email'
import { subjectOf } from '../email/rendering'
import { type LiveSessions, notificationPush, pushAll } from '../live/live'
import type { InboxRepo } from '../repo'

export type FailureNeeds = {
  now: () => Instant
  newId: NewId
  traceparent: string
  deadLetters: DeadLetters
  inbox: Pick<InboxRepo, 'add' | 'withIds'>
  live: Pick<LiveSessions, 'of'>
}

/**
 * Gives up an e-mail that no attempt delivered: its reader finds it in the inbox, and a dead letter waits for an operator. Redriving the
 * dead letter makes this Worker try that e-mail again, and nothing else. Each step is harmless to repeat; the caller records the result.
 */
export async function giveUp(needs: FailureNeeds, email: Email, error: unknown): Promise<Partial<Email>> {
  const failures = email.failures + 1
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'
  await showInApp(needs, email)
  // Audit is the source, because audit sends it when an operator redrives the dead letter.
  const data = { version: failures, mailId: email._id, userId: email.userId }
  const body = { ...envelopes('audit', needs)('mail.retry_requested', email._id, data), id: email.deadLetterEventId }
  await park(needs.deadLetters, {
    ...{
      _id: `notification:${email.deadLetterEventId}`,
      worker: 'notification',
      type: body.type,
      eventId: email.deadLetterEventId,
      body,
    },
    ...{ error: reason, attempts: email.attempts, failedAt: needs.now() },
  })
  logger.error('e-mail is given up', { emailId: email._id, attempts: email.attempts, reason })
  return { status: 'failed', error: reason, failures }
}

/** Adds the notifications of an e-mail to its reader's inbox, unless they are there already, and shows them on open devices. */
export async function showInApp({ inbox, live, newId, now }: FailureNeeds, email: Email): Promise<void> {
  const entries = inboxItemsOf(email).map(
    (item): Notification => ({ _id: newId('ntf'), userId: email.userId, ...item, readAt: null, createdAt: now() }),
  )
  await inbox.add(entries)
  const added = await inbox.withIds(entries.map(({ _id }) => _id))
  try {
    await pushAll(live, added.map(notificationPush))
  } catch (error) {
    logger.warn('open devices do not show a failed e-mail at once', { emailId: email._id, error })
  }
}

/** The notifications of an e-mail. For an account e-mail a notice that it did not arrive: its token must not be in an inbox. */
function inboxItemsOf(email: Email): EmailItem[] {
  const { eventId, locale, content } = email
  if (content.kind === 'notice' || content.kind === 'digest') return itemsOf(email)
  const { type, data, textIn } = emailUndelivered(subjectOf(email))
  return [{ eventId, type, data, ...textIn(locale) }]
}
