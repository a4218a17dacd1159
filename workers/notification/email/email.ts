import type { EventId, Id, Instant, NewId, UserId } from '../../../shared/contracts/ids'
import type { Locale, NotificationText } from '../content/locale'
import type { NotificationData, NotificationType } from '../content/notification'

/** One notification in an e-mail, in the text that it had when it happened. */
export type EmailItem = NotificationText & { eventId: EventId; type: NotificationType; data: NotificationData }

/**
 * `gathering`: waits for others that come soon after it. `merged`: a digest contains it. `queued`: until a provider accepts it.
 * `failed`: given up; a dead letter asks an operator what to do. `dropped`: there is no address, nothing left to say, or it is too late.
 */
export type EmailStatus = 'gathering' | 'merged' | 'queued' | 'sent' | 'failed' | 'dropped'

/**
 * One e-mail to one user, stored before anything is sent. It stores nothing that opens an account: auth is asked for the token of an
 * account e-mail when it is sent.
 */
export type Email = {
  /** `<event id>:<user id>:<kind>`, so that a redelivered event adds none. Also the provider's idempotency key. */
  _id: string
  eventId: EventId
  userId: UserId
  /** The address of a user without an account. */
  guestEmail: string | null
  locale: Locale
  content:
    | ({ kind: 'notice' } & Omit<EmailItem, 'eventId'>)
    | { kind: 'digest'; notices: EmailItem[] }
    | { kind: 'verification' }
    | { kind: 'password_reset'; requestId: Id<'req'> }
  status: EmailStatus
  attempts: number
  /** When the next attempt may be made; while it waits for others, when that ends. */
  dueAt: Instant
  /** When delivery began: when it was stored, or when an operator asked for it again. */
  since: Instant
  createdAt: Instant
  /** How often it was given up. */
  failures: number
  /** The event id of its dead letter once it is given up; always the same one, so that there is one dead letter. */
  deadLetterEventId: EventId
  /** Why it failed or was dropped. */
  error?: string | null
  /** What the local mailbox shows. */
  to?: string
  subject?: string
  text?: string
  html?: string
}

/** An e-mail that is not stored yet. */
export type EmailDraft = Pick<Email, '_id' | 'eventId' | 'userId' | 'guestEmail' | 'locale' | 'content'> & {
  /** Whether it waits for others. */
  batched?: boolean
}

/** How long a claimed e-mail belongs to its claimant. If a crash interrupts the delivery, it is tried again after this time. */
export const lease: Instant = 60_000
/** How long the first of several e-mails of a kind waits for the others. */
export const batchFor: Instant = 5 * 60_000

/** The e-mail of a draft: due at once, due later, or `claimed` by its writer, who is about to send it. */
export function emailOf({ batched = false, ...draft }: EmailDraft, now: Instant, newId: NewId, claimed: boolean): Email {
  const fresh = { since: now, createdAt: now, failures: 0, deadLetterEventId: newId('evt') }
  if (batched) return { ...draft, ...fresh, status: 'gathering', attempts: 0, dueAt: now + batchFor }
  return {
    ...draft,
    ...fresh,
    status: 'queued',
    ...(claimed ? { attempts: 1, dueAt: now + lease } : { attempts: 0, dueAt: now }),
  }
}

/** The notifications in an e-mail; none in an account e-mail, which carries a token. */
export function itemsOf({ eventId, content }: Email): EmailItem[] {
  if (content.kind === 'digest') return content.notices
  if (content.kind !== 'notice') return []
  const { kind: _, ...item } = content
  return [{ eventId, ...item }]
}
