import type { EventId, NewId } from '../../../shared/contracts/ids'
import {
  channelsOf,
  defaultPreferences,
  isBatched,
  type Notice,
  type Notification,
  type Preferences,
} from '../content/notification'
import type { EmailDraft } from '../email/email'
import { type LiveSessions, notificationPush, type Push, pushAll } from '../live/live'
import type { PreferencesOf, PreferencesRepo } from '../repo'
import { type DeliveryNeeds, deliver } from './delivery'
import { type RecordNeeds, record } from './dispatch'

export type NotifyNeeds = RecordNeeds &
  DeliveryNeeds & { newId: NewId; live: Pick<LiveSessions, 'of'>; preferences: Pick<PreferencesRepo, 'of'> }

/** What a caller of `notify` already has: the users' preferences, and frames for devices besides the notifications. */
type Extras = { preferences?: PreferencesOf; pushes?: readonly Push[] }

/**
 * Notifies users of an event by the channels they chose: inbox, open devices, and e-mail. Every step is keyed by the event, so a
 * redelivery finishes what a crash left undone and adds nothing.
 */
export async function notify(
  needs: NotifyNeeds,
  eventId: EventId,
  notices: readonly Notice[],
  { preferences, pushes = [] }: Extras = {},
): Promise<void> {
  if (notices.length === 0 && pushes.length === 0) return
  const chosen = preferences ?? (await needs.preferences.of(notices.map(({ userId }) => userId)))
  const addressed = notices.map((notice) => {
    const own = chosen.get(notice.userId) ?? defaultPreferences
    return { notice, own, channels: channelsOf(own, notice.message.type) }
  })
  const { stored, claimed } = await record(needs, eventId, {
    notifications: addressed
      .filter(({ channels }) => channels.inApp)
      .map(({ notice, own }) => notificationOf(needs, eventId, notice, own)),
    drafts: addressed.filter(({ channels }) => channels.email).map(({ notice, own }) => draftOf(eventId, notice, own)),
  })
  const live = stored.filter(({ userId, type }) => channelsOf(chosen.get(userId), type).live)
  try {
    await pushAll(needs.live, [...pushes, ...live.map(notificationPush)])
  } finally {
    // Until their lease is over, nobody else sends the claimed e-mails.
    await deliver(needs, claimed)
  }
}

function notificationOf(
  { now, newId }: Pick<NotifyNeeds, 'now' | 'newId'>,
  eventId: EventId,
  { userId, message }: Notice,
  { locale }: Preferences,
): Notification {
  const { type, data, textIn } = message
  return { _id: newId('ntf'), userId, type, ...textIn(locale), data, readAt: null, createdAt: now(), eventId }
}

function draftOf(eventId: EventId, { userId, message, guestEmail = null }: Notice, { locale }: Preferences): EmailDraft {
  const { type, data, textIn } = message
  const content = { kind: 'notice' as const, type, ...textIn(locale), data }
  return { _id: `${eventId}:${userId}:${type}`, eventId, userId, guestEmail, locale, content, batched: isBatched(type) }
}
