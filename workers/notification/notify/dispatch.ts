import { AppError } from '../../../shared/contracts/errors'
import type { EventId, Instant, NewId } from '../../../shared/contracts/ids'
import type { Documents } from '../../../shared/storage/documents'
import type { Notification } from '../content/notification'
import type { DigestRepo } from '../email/digest-repo'
import { type Email, type EmailDraft, emailOf, lease } from '../email/email'
import type { EmailRepo } from '../email/email-repo'
import type { Mailer } from '../email/mailer'
import type { InboxRepo } from '../repo'
import { type DeliveryNeeds, deliver } from './delivery'

export type RecordNeeds = {
  now: () => Instant
  newId: NewId
  documents: Pick<Documents, 'batch'>
  mailer: Mailer | null
  emails: Pick<EmailRepo, 'planAdd' | 'claim'>
  inbox: Pick<InboxRepo, 'planAdd' | 'add' | 'ofEvent'>
}

type SendNeeds = DeliveryNeeds & { emails: Pick<EmailRepo, 'claim'> }

/** How long e-mails are kept; longer than any event can be redelivered. */
const keepFor: Instant = 30 * 24 * 3_600_000
/** The most e-mails that are sent in one go, since each asks auth for its address. */
const perRun = 20

/** The inbox entries and e-mails that an event causes. */
type Dispatch = { notifications: readonly Notification[]; drafts: readonly EmailDraft[] }

/**
 * Stores the notifications and e-mails of an event in one round trip. Returns the notifications as they are stored, and the e-mails that
 * the caller must deliver. There are none of these when there are too many e-mails, or no provider: then they wait for the sweep, as
 * batched ones always do.
 */
export async function record(
  { now: clock, newId, documents, mailer, emails, inbox }: RecordNeeds,
  eventId: EventId,
  { notifications, drafts }: Dispatch,
): Promise<{ stored: readonly Notification[]; claimed: readonly Email[] }> {
  if (notifications.length === 0 && drafts.length === 0) return { stored: [], claimed: [] }
  const now = clock()
  const claiming = mailer !== null && drafts.filter(({ batched }) => !batched).length <= perRun
  const added = drafts.map((draft) => emailOf(draft, now, newId, claiming))
  const claimed = claiming ? added.filter(({ status }) => status === 'queued') : []
  try {
    await documents.batch([
      // E-mails first: whatever is refused after them, none of them is missing.
      ...(added.length > 0 ? [emails.planAdd(added)] : []),
      ...(notifications.length > 0 ? [inbox.planAdd(notifications)] : []),
    ])
    return { stored: notifications, claimed }
  } catch (error) {
    if (!AppError.is(error, 'duplicate_key')) throw error
  }
  // An earlier attempt stored a part of it: notifications under other ids, and e-mails that it may be sending right now.
  await inbox.add(notifications)
  const userIds = notifications.map(({ userId }) => userId)
  const ids = claimed.map(({ _id }) => _id)
  return { stored: await inbox.ofEvent(eventId, userIds), claimed: await emails.claim(ids, now, lease) }
}

/** Stores e-mails and delivers them. The sweep tries those again that fail. */
export async function dispatchEmails(
  needs: RecordNeeds & DeliveryNeeds,
  eventId: EventId,
  drafts: readonly EmailDraft[],
): Promise<void> {
  const { claimed } = await record(needs, eventId, { notifications: [], drafts })
  await deliver(needs, claimed)
}

/** Delivers e-mails that are due, oldest first. */
export async function dispatchDue(needs: SendNeeds & { emails: Pick<EmailRepo, 'due'> }): Promise<void> {
  if (!needs.mailer) return
  const due = await needs.emails.due(needs.now(), perRun)
  await claimAndDeliver(
    needs,
    due.map(({ _id }) => _id),
  )
}

const claimAndDeliver = async (needs: SendNeeds, ids: readonly string[]) =>
  needs.mailer ? deliver(needs, await needs.emails.claim(ids, needs.now(), lease)) : undefined

/**
 * Tries an e-mail again that was given up for the `failures`th time. A repetition changes nothing: by then it is queued, sent, or given
 * up once more. @throws AppError `not_found` for one that is deleted
 */
export async function retryEmail(
  needs: SendNeeds & { emails: Pick<EmailRepo, 'requeue'> },
  emailId: string,
  failures: number,
): Promise<void> {
  if (!(await needs.emails.requeue(emailId, failures, needs.now()))) throw new AppError('not_found', 'The e-mail is deleted')
  await claimAndDeliver(needs, [emailId])
}

/** Deletes e-mails that no event can ask for again. */
export async function forgetEmails({
  now,
  digests,
  emails,
}: {
  now: () => Instant
  digests: Pick<DigestRepo, 'forget'>
  emails: Pick<EmailRepo, 'forget'>
}): Promise<void> {
  const before = now() - keepFor
  // Digest windows first: one that was not carried out to its end must not miss its digest and write it again.
  await digests.forget(before)
  await emails.forget(before)
}
