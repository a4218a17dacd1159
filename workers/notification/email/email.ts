import type { EventId, Id, Instant, NewId, UserId } from '../../../shared/contracts/ids'
import type { NotificationData, NotificationType } from '../content/notification'
import type { Locale, Words } from '../content/locales/texts'

/** One thing that a mail tells, in words as they were when it happened. */
export type Told = Words & { eventId: EventId; type: NotificationType; data: NotificationData }

/**
 * `gathering`: waits for others that come soon after it. `merged`: a digest tells it. `queued`: until a provider took it. `failed`:
 * given up; a dead letter asks an operator what to do. `dropped`: there is nobody to write to, nothing left to say, or it is too late.
 */
export type MailStatus = 'gathering' | 'merged' | 'queued' | 'sent' | 'failed' | 'dropped'

/**
 * One mail to one user, written before anything is sent. Only what cannot open an account is stored: the tokens of account mails
 * are asked of auth when they are sent.
 */
export type Mail = {
  /** `<event id>:<user id>:<kind>`, so that a redelivered event writes none. The provider's idempotency key too. */
  _id: string
  eventId: EventId
  userId: UserId
  /** Where to write to when the user has no account. */
  guestEmail: string | null
  locale: Locale
  content:
    | ({ kind: 'notice' } & Omit<Told, 'eventId'>)
    | { kind: 'digest'; told: Told[] }
    | { kind: 'verification' }
    | { kind: 'password_reset'; requestId: Id<'req'> }
  status: MailStatus
  attempts: number
  /** When the next attempt may be made; while it gathers, when it ends. */
  dueAt: Instant
  /** Since when it is tried: since it was written, or an operator asked for it again. */
  since: Instant
  createdAt: Instant
  /** How often it was given up. */
  failures: number
  /** The event under which it waits for an operator once it is given up; one for all times, so that there is one letter. */
  letterId: EventId
  /** Why it failed or was dropped. */
  error?: string | null
  /** What the local mailbox shows. */
  to?: string
  subject?: string
  text?: string
  html?: string
}

/** A mail that is not written down yet. */
export type Draft = Pick<Mail, '_id' | 'eventId' | 'userId' | 'guestEmail' | 'locale' | 'content'> & {
  /** Whether it waits for others. */
  gathers?: boolean
}

/** How long a mail belongs to whoever claimed it; one that a crash left half-sent is tried again after this. */
export const lease: Instant = 60_000
/** How long the first of several mails of a kind waits for the others. */
export const gatherFor: Instant = 5 * 60_000

/** A draft as it is written down: due at once, later, or `claimed` by the writer, who is about to send it. */
export function mailOf({ gathers = false, ...draft }: Draft, now: Instant, newId: NewId, claimed: boolean): Mail {
  const fresh = { since: now, createdAt: now, failures: 0, letterId: newId('evt') }
  if (gathers) return { ...draft, ...fresh, status: 'gathering', attempts: 0, dueAt: now + gatherFor }
  return {
    ...draft,
    ...fresh,
    status: 'queued',
    ...(claimed ? { attempts: 1, dueAt: now + lease } : { attempts: 0, dueAt: now }),
  }
}

/** What a mail tells; nothing for those about the account, which carry a token. */
export function toldBy({ eventId, content }: Mail): Told[] {
  if (content.kind === 'digest') return content.told
  if (content.kind !== 'notice') return []
  const { kind: _, ...told } = content
  return [{ eventId, ...told }]
}
