import type { Instant, UserId } from '../../../shared/contracts/ids'
import type { Collection, Documents, Planned } from '../../../shared/storage/documents'
import type { Deps } from '../deps'
import { gatherFor, type Mail, mailOf, toldBy } from './email'

/** The mails that go out together, and the one that tells all of them; null for one that came alone and goes as it is. */
type Choice = { ids: string[]; digest: Mail | null }

/**
 * Which of a user's gathering mails go out next. The version lets one of several sweeps choose at a time: what another one read before
 * chooses nothing.
 */
export type Round = {
  _id: UserId
  version: number
  /** Until it is carried out. */
  choice: Choice | null
  updatedAt: Instant
}

export type RoundRepo = Collection<Round>

export const roundRepo = (documents: Documents): RoundRepo =>
  documents.collection<Round>({ name: 'rounds', indexes: [{ keys: { updatedAt: 1 } }] })

/** Mails and so users that one sweep begins with, and the mails that it looks at for them. */
const duesAtOnce = 50
const mailsAtOnce = 1_000
/** The most that one mail tells; what is more goes into the next. */
export const mostInOne = 50

/**
 * Ends the windows that are over: what came within five minutes of a user's oldest gathering mail becomes one mail. It takes four round
 * trips for all users of a sweep. A crash after any of them, or another sweep at the same time, changes nothing about who is told
 * what: a choice is one write that holds all it takes to carry it out, and whoever finds it does so.
 */
export async function closeWindows(deps: Deps): Promise<void> {
  const now = deps.now()
  const userIds = await deps.mails.gathered(now, duesAtOnce)
  if (userIds.length === 0) return
  // Rounds first: of what another sweep does after this the version tells.
  const [found, waiting] = await deps.documents.batch([
    deps.rounds.plan({ action: 'find', filter: { _id: { $in: userIds } } }),
    deps.mails.gathering(userIds, mailsAtOnce),
  ])
  const rounds = new Map((found.documents as Round[]).map((round) => [round._id, round]))
  const byUser = Map.groupBy(waiting.documents as Mail[], ({ userId }) => userId)
  const chosen = userIds.flatMap((userId) => {
    const { version = 0, choice = null } = rounds.get(userId) ?? {}
    const next = choice ?? choiceOf(deps, windowOf(byUser.get(userId) ?? [], now))
    return next ? [{ userId, version, choice: next }] : []
  })
  if (chosen.length === 0) return
  const results = await deps.rounds.batch(chosen.flatMap(({ userId, version, choice }) => choosing(userId, version, choice, now)))
  const isMine = (index: number) => (results[2 * index + 1] as { matchedCount: number }).matchedCount === 1
  const plans = chosen.flatMap(({ userId, version, choice }, index) => {
    if (!isMine(index)) return []
    const done = { filter: { _id: userId, version: version + 1 }, update: { $set: { choice: null }, $inc: { version: 1 } } }
    return [...carryingOut(deps, choice, now), deps.rounds.plan({ action: 'updateOne', ...done })]
  })
  if (plans.length > 0) await deps.documents.batch(plans)
}

/** Of mails that gather, oldest first, those that go out together: none while the oldest still waits. */
export function windowOf<M extends Pick<Mail, 'createdAt'>>(mails: readonly M[], now: Instant): M[] {
  const ends = (mails[0]?.createdAt ?? now) + gatherFor
  return ends > now ? [] : mails.filter(({ createdAt }) => createdAt < ends).slice(0, mostInOne)
}

function choiceOf(deps: Deps, mails: readonly Mail[]): Choice | null {
  const [oldest, ...others] = mails
  if (!oldest) return null
  const ids = mails.map(({ _id }) => _id)
  if (others.length === 0) return { ids, digest: null }
  const { _id, eventId, userId, guestEmail, locale } = oldest
  const content = { kind: 'digest' as const, told: mails.flatMap(toldBy) }
  const draft = { _id: `${_id}:digest`, eventId, userId, guestEmail, locale, content }
  return { ids, digest: mailOf(draft, deps.now(), deps.newId, false) }
}

/** Neither of the two is ever refused; the second matches for one of several that choose at once. */
const choosing = (_id: UserId, version: number, choice: Choice, now: Instant) =>
  [
    {
      action: 'updateOne',
      filter: { _id },
      update: { $setOnInsert: { version: 0, choice: null, updatedAt: now } },
      upsert: true,
    },
    { action: 'updateOne', filter: { _id, version }, update: { $set: { choice, updatedAt: now }, $inc: { version: 1 } } },
  ] as const

/** What carries a choice out, and changes nothing when that was done before. */
function carryingOut({ mails: { collection } }: Deps, { ids, digest }: Choice, now: Instant): Planned[] {
  const these = { _id: { $in: ids }, status: 'gathering' }
  if (!digest) {
    const update = { $set: { status: 'queued', dueAt: now, since: now } }
    return [collection.plan({ action: 'updateMany', filter: these, update })]
  }
  const { _id, ...mail } = digest
  return [
    collection.plan({ action: 'updateOne', filter: { _id }, update: { $setOnInsert: mail }, upsert: true }),
    collection.plan({ action: 'updateMany', filter: these, update: { $set: { status: 'merged' } } }),
  ]
}
