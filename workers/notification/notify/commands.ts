import type { Actor } from '../../../shared/contracts/actor'
import { AppError } from '../../../shared/contracts/errors'
import type { Instant, NewId, NotificationId, ProductId, UserId } from '../../../shared/contracts/ids'
import { defaultPreferences, type Notification, type Preferences } from '../content/notification'
import type { LiveSessions } from '../live/live'
import { openTicket, sealTicket, ticketFor } from '../live/ticket'
import type { InboxRepo, PreferencesRepo, WatchRepo } from '../repo'

type Clock = { now: () => Instant }

/** The most products that one user watches. */
export const maxWatches = 500

/** @throws AppError `not_found`, also for somebody else's notification */
export async function markRead(
  { inbox, now }: Clock & { inbox: Pick<InboxRepo, 'markRead'> },
  userId: UserId,
  id: NotificationId,
): Promise<Notification> {
  const notification = await inbox.markRead(userId, id, now())
  if (!notification) throw new AppError('not_found')
  return notification
}

export const preferencesOf = async (
  { preferences }: { preferences: Pick<PreferencesRepo, 'of'> },
  userId: UserId,
): Promise<Preferences> => (await preferences.of([userId])).get(userId) ?? defaultPreferences

/** Watches a product from now on. @throws AppError `invalid_state` for too many */
export async function watch(
  { watches, now }: Clock & { watches: Pick<WatchRepo, 'ofUser' | 'add'> },
  userId: UserId,
  productId: ProductId,
): Promise<void> {
  const watched = await watches.ofUser(userId, maxWatches)
  if (watched.some((found) => found.productId === productId)) return
  if (watched.length >= maxWatches)
    throw new AppError('invalid_state', `You watch ${maxWatches} products; stop watching one first`)
  await watches.add(userId, productId, now())
}

/** A ticket for one live session of the actor. */
export async function issueTicket(
  { now, newId, ticketSecret }: Clock & { newId: NewId; ticketSecret: string },
  { userId, sessionId }: Actor,
): Promise<{ ticket: string; expiresAt: Instant }> {
  const expiresAt = now() + ticketFor
  const ticket = await sealTicket({ userId, sessionId, nonce: newId('req'), expiresAt }, ticketSecret)
  return { ticket, expiresAt }
}

/**
 * Exchanges a ticket for an open socket, which first gets the frames after `last`.
 * @throws AppError `token_invalid`, `too_many_requests`
 */
export async function goLive(
  { live, now, ticketSecret }: Clock & { live: Pick<LiveSessions, 'open'>; ticketSecret: string },
  ticket: string,
  last: number | null,
): Promise<Response> {
  const { userId, sessionId, nonce } = await openTicket(ticket, ticketSecret, now())
  const answer = await live.open(userId, { sessionId, nonce, last })
  if (answer.status === 401) throw new AppError('token_invalid', 'The ticket is not valid; ask for a new one')
  if (answer.status === 429) throw new AppError('too_many_requests', 'Too many devices are connected', { retryAfter: 30 })
  return answer
}
