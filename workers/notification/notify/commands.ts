import type { Actor } from '../../../shared/contracts/actor'
import { AppError } from '../../../shared/contracts/errors'
import type { EventId, Instant, NotificationId, ProductId, UserId } from '../../../shared/contracts/ids'
import {
  channelsOf,
  defaultPreferences,
  isGathered,
  type Notice,
  type Notification,
  type Preferences,
} from '../content/notification'
import type { Deps } from '../deps'
import type { Draft } from '../email/email'
import { type Push, pushAll, pushOf } from '../live/live'
import { openTicket, sealTicket, ticketFor } from '../live/ticket'
import type { PreferencesOf } from '../repo'
import { send } from './delivery'
import { record } from './dispatch'

/** The most products one user watches. */
export const maxWatches = 500

/** What a caller of `notify` has at hand: what people chose, and what their devices are shown besides. */
type Aside = { preferences?: PreferencesOf; pushes?: readonly Push[] }

/**
 * Tells people of an event by the channels they chose: inbox, open devices, and e-mail. Every step is keyed by the event, so that a
 * redelivery finishes what a crash left and adds nothing.
 */
export async function notify(
  deps: Deps,
  eventId: EventId,
  notices: readonly Notice[],
  { preferences, pushes = [] }: Aside = {},
): Promise<void> {
  if (notices.length === 0 && pushes.length === 0) return
  const chosen = preferences ?? (await deps.preferences.of(notices.map(({ userId }) => userId)))
  const told = notices.map((notice) => {
    const mine = chosen.get(notice.userId) ?? defaultPreferences
    return { notice, mine, channels: channelsOf(mine, notice.message.type) }
  })
  const { stored, claimed } = await record(deps, eventId, {
    notifications: told
      .filter(({ channels }) => channels.inApp)
      .map(({ notice, mine }) => notificationOf(deps, eventId, notice, mine)),
    drafts: told.filter(({ channels }) => channels.email).map(({ notice, mine }) => draftOf(eventId, notice, mine)),
  })
  const shown = stored.filter(({ userId, type }) => channelsOf(chosen.get(userId), type).live)
  try {
    await pushAll(deps.live, [...pushes, ...shown.map(pushOf)])
  } finally {
    // Claimed mails have no other sender for now.
    await send(deps, claimed)
  }
}

function notificationOf(deps: Deps, eventId: EventId, { userId, message }: Notice, { locale }: Preferences): Notification {
  const { type, data, words } = message
  return { _id: deps.newId('ntf'), userId, type, ...words(locale), data, readAt: null, createdAt: deps.now(), eventId }
}

function draftOf(eventId: EventId, { userId, message, guestEmail = null }: Notice, { locale }: Preferences): Draft {
  const { type, data, words } = message
  const content = { kind: 'notice' as const, type, ...words(locale), data }
  return { _id: `${eventId}:${userId}:${type}`, eventId, userId, guestEmail, locale, content, gathers: isGathered(type) }
}

/** @throws AppError `not_found`, for somebody else's too */
export async function markRead(deps: Deps, userId: UserId, id: NotificationId): Promise<Notification> {
  const notification = await deps.inbox.markRead(userId, id, deps.now())
  if (!notification) throw new AppError('not_found')
  return notification
}

export const preferencesOf = async (deps: Deps, userId: UserId): Promise<Preferences> =>
  (await deps.preferences.of([userId])).get(userId) ?? defaultPreferences

/** Watches a product from now on. @throws AppError `invalid_state` for too many */
export async function watch(deps: Deps, userId: UserId, productId: ProductId): Promise<void> {
  const watched = await deps.watches.ofUser(userId, maxWatches)
  if (watched.some((found) => found.productId === productId)) return
  if (watched.length >= maxWatches)
    throw new AppError('invalid_state', `You watch ${maxWatches} products; stop watching one first`)
  await deps.watches.add(userId, productId, deps.now())
}

/** A ticket for one live session of the actor. */
export async function issueTicket(deps: Deps, { userId, sessionId }: Actor): Promise<{ ticket: string; expiresAt: Instant }> {
  const expiresAt = deps.now() + ticketFor
  const ticket = await sealTicket({ userId, sessionId, nonce: deps.newId('req'), expiresAt }, deps.ticketSecret)
  return { ticket, expiresAt }
}

/**
 * Trades a ticket for an open socket; frames after `last` come first.
 * @throws AppError `token_invalid`, `too_many_requests`
 */
export async function goLive(deps: Deps, text: string, last: number | null): Promise<Response> {
  const { userId, sessionId, nonce } = await openTicket(text, deps.ticketSecret, deps.now())
  const answer = await deps.live.open(userId, { sessionId, nonce, last })
  if (answer.status === 401) throw new AppError('token_invalid', 'The ticket is not valid; ask for a new one')
  if (answer.status === 429) throw new AppError('too_many_requests', 'Too many devices are connected', { retryAfter: 30 })
  return answer
}
