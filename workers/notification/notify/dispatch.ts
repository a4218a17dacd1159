import { AppError } from '../../../shared/contracts/errors'
import type { EventId, Instant } from '../../../shared/contracts/ids'
import type { Notification } from '../content/notification'
import type { Deps } from '../deps'
import { type Draft, lease, type Mail, mailOf } from '../email/email'
import { send } from './delivery'

/** How long mails are remembered; longer than any event is redelivered. */
const rememberFor: Instant = 30 * 24 * 3_600_000
/** The most that are sent in one go, since each asks auth for its address. */
const atOnce = 20

/** What an event has people told: lines of their inboxes, and mails. */
type News = { notifications: readonly Notification[]; drafts: readonly Draft[] }

/**
 * Writes down what people are told of an event, in one round trip; that a mail gathers is a part of it. Returns the notifications as
 * they are stored, and the mails that are the caller's to `send`: none when they are many, or nobody sends any; those wait for the
 * sweep, as those do that gather.
 */
export async function record(
  deps: Deps,
  eventId: EventId,
  { notifications, drafts }: News,
): Promise<{ stored: readonly Notification[]; claimed: readonly Mail[] }> {
  if (notifications.length === 0 && drafts.length === 0) return { stored: [], claimed: [] }
  const now = deps.now()
  const claiming = deps.mailer !== null && drafts.filter(({ gathers }) => !gathers).length <= atOnce
  const mails = drafts.map((draft) => mailOf(draft, now, deps.newId, claiming))
  const mine = claiming ? mails.filter(({ status }) => status === 'queued') : []
  try {
    await deps.documents.batch([
      // First, so that whatever was refused, no mail is missing.
      ...(mails.length > 0 ? [deps.mails.adding(mails)] : []),
      ...(notifications.length > 0 ? [deps.inbox.adding(notifications)] : []),
    ])
    return { stored: notifications, claimed: mine }
  } catch (error) {
    if (!AppError.is(error, 'duplicate_key')) throw error
  }
  // An earlier attempt wrote some of it, notifications under other ids; mails it may be sending right now.
  await deps.inbox.add(notifications)
  const userIds = notifications.map(({ userId }) => userId)
  const ids = mine.map(({ _id }) => _id)
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
  await sendNow(
    deps,
    due.map(({ _id }) => _id),
  )
}

const sendNow = async (deps: Deps, ids: readonly string[]) =>
  deps.mailer ? send(deps, await deps.mails.claim(ids, deps.now(), lease)) : undefined

/**
 * Tries a mail again that was given up for the `failures`th time. A repetition changes nothing: by then it is queued, sent, or given up
 * once more. @throws AppError `not_found` for one that is forgotten
 */
export async function retryMail(deps: Deps, mailId: string, failures: number): Promise<void> {
  if (!(await deps.mails.requeue(mailId, failures, deps.now()))) throw new AppError('not_found', 'The mail is forgotten')
  await sendNow(deps, [mailId])
}

/** Forgets mails that no event can ask for again. */
export async function forgetMails(deps: Deps): Promise<void> {
  const before = deps.now() - rememberFor
  // A round first: one that was not carried out to its end must not find its digest gone and write it anew.
  await deps.rounds.deleteMany({ updatedAt: { $lt: before } })
  await deps.mails.forget(before)
}
