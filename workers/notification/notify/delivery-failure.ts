import { park } from '../../../shared/events/dead-letters'
import { envelopes } from '../../../shared/events/publish'
import { logger } from '../../../shared/runtime/logger'
import { mailUndelivered } from '../content/messages'
import type { Notification } from '../content/notification'
import type { Deps } from '../deps'
import { type Mail, type Told, toldBy } from '../email/email'
import { subjectOf } from '../email/rendering'
import { pushAll, pushOf } from '../live/live'

/**
 * The end of a mail that no attempt got through: its reader finds it in their inbox, and a letter waits for an operator. Redriven, the
 * letter has this Worker try that mail again, and nothing else. Each step is harmless to repeat; the caller notes the end.
 */
export async function giveUp(deps: Deps, mail: Mail, error: unknown): Promise<Partial<Mail>> {
  const failures = mail.failures + 1
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'
  await tellInApp(deps, mail)
  // Audit is who sends it, should an operator want it.
  const asked = { version: failures, mailId: mail._id, userId: mail.userId }
  const body = { ...envelopes('audit', deps)('mail.retry_requested', mail._id, asked), id: mail.letterId }
  await park(deps.deadLetters, {
    ...{ _id: `notification:${mail.letterId}`, worker: 'notification', type: body.type, eventId: mail.letterId, body },
    ...{ error: reason, attempts: mail.attempts, failedAt: deps.now() },
  })
  logger.error('mail is given up', { mail: mail._id, attempts: mail.attempts, reason })
  return { status: 'failed', error: reason, failures }
}

/** Puts what a mail would have told into the inbox of whom it was for, unless it is there already, and shows it on their devices. */
export async function tellInApp(deps: Deps, mail: Mail): Promise<void> {
  const lines = linesOf(mail).map((told) => lineOf(deps, mail, told))
  await deps.inbox.add(lines)
  const added = await deps.inbox.those(lines.map(({ _id }) => _id))
  try {
    await pushAll(deps.live, added.map(pushOf))
  } catch (error) {
    logger.warn('devices are not shown what a mail would have told', { mail: mail._id, error })
  }
}

/** What a mail would have told. Of one about the account that it did not come: its token belongs into no inbox. */
function linesOf(mail: Mail): Told[] {
  const { eventId, locale, content } = mail
  if (content.kind === 'notice' || content.kind === 'digest') return toldBy(mail)
  const { type, data, words } = mailUndelivered(subjectOf(mail))
  return [{ eventId, type, data, ...words(locale) }]
}

const lineOf = (deps: Deps, { userId }: Mail, told: Told): Notification => ({
  _id: deps.newId('ntf'),
  userId,
  ...told,
  readAt: null,
  createdAt: deps.now(),
})
