import type { Instant, NewId } from '../../../shared/contracts/ids'
import type { Documents } from '../../../shared/storage/documents'
import type { ChosenBatch, DigestRepo, DigestWindow } from './digest-repo'
import { batchFor, type Email, emailOf, itemsOf } from './email'
import type { EmailRepo } from './email-repo'

type Needs = {
  now: () => Instant
  newId: NewId
  documents: Pick<Documents, 'batch'>
  emails: Pick<EmailRepo, 'usersDue' | 'planFindBatched' | 'planRelease' | 'planMerge'>
  digests: Pick<DigestRepo, 'planFind' | 'choose' | 'planEnd'>
}

/** With how many e-mails, and so users, one sweep begins, and how many e-mails of these users it reads. */
const duePerSweep = 50
const emailsPerSweep = 1_000
/** The most notifications in one e-mail; the rest goes into the next. */
export const maxDigestItems = 50

/**
 * Closes the digest windows that are over: what came within five minutes of a user's oldest batched e-mail becomes one e-mail. This
 * takes four round trips for all users of a sweep. A crash after any of them, or another sweep at the same time, changes nothing about
 * who gets what: a choice is one write that holds all it takes to carry it out, and the next sweep that finds it carries it out.
 */
export async function closeWindows({ now: clock, newId, documents, emails, digests }: Needs): Promise<void> {
  const now = clock()
  const userIds = await emails.usersDue(now, duePerSweep)
  if (userIds.length === 0) return
  // The windows first: their versions reveal what another sweep does after this.
  const [found, batched] = await documents.batch([digests.planFind(userIds), emails.planFindBatched(userIds, emailsPerSweep)])
  const windows = new Map((found.documents as DigestWindow[]).map((window) => [window._id, window]))
  const byUser = Map.groupBy(batched.documents as Email[], ({ userId }) => userId)
  const choices = userIds.flatMap((userId) => {
    const { version = 0, choice = null } = windows.get(userId) ?? {}
    const next = choice ?? chooseFrom(closedWindow(byUser.get(userId) ?? [], now), now, newId)
    return next ? [{ userId, version, choice: next }] : []
  })
  if (choices.length === 0) return
  const mine = await digests.choose(choices, now)
  const plans = mine.flatMap((chosen) => {
    const { ids, digest } = chosen.choice
    return [...(digest ? emails.planMerge(ids, digest) : emails.planRelease(ids, now)), digests.planEnd(chosen)]
  })
  if (plans.length > 0) await documents.batch(plans)
}

/** The e-mails that go out together, of a user's batched e-mails from oldest to newest: none while the oldest still waits. */
export function closedWindow<E extends Pick<Email, 'createdAt'>>(emails: readonly E[], now: Instant): E[] {
  const ends = (emails[0]?.createdAt ?? now) + batchFor
  return ends > now ? [] : emails.filter(({ createdAt }) => createdAt < ends).slice(0, maxDigestItems)
}

function chooseFrom(emails: readonly Email[], now: Instant, newId: NewId): ChosenBatch | null {
  const [oldest, ...others] = emails
  if (!oldest) return null
  const ids = emails.map(({ _id }) => _id)
  if (others.length === 0) return { ids, digest: null }
  const { _id, eventId, userId, guestEmail, locale } = oldest
  const content = { kind: 'digest' as const, notices: emails.flatMap(itemsOf) }
  const draft = { _id: `${_id}:digest`, eventId, userId, guestEmail, locale, content }
  return { ids, digest: emailOf(draft, now, newId, false) }
}
