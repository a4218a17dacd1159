import type { Id, Instant, UserId } from '../../shared/contracts/ids'

/**
 * One mail to one user about one event, written before anything is sent. Only what cannot open an account is stored: the
 * tokens of account mails are asked of auth when they are sent.
 */
export type Mail = {
  /** `<event id>:<user id>:<kind>`, so that a redelivered event writes none. */
  _id: string
  userId: UserId
  /** Where to write to when the user has no account. */
  guestEmail: string | null
  content:
    | { kind: 'notice'; subject: string; text: string }
    | { kind: 'verification' }
    | { kind: 'password_reset'; requestId: Id<'req'> }
  /** `queued` until a provider took it; `dropped` when there is nobody to write to, nothing left to say, or it is too late. */
  status: 'queued' | 'sent' | 'dropped'
  attempts: number
  /** When the next attempt may be made. */
  dueAt: Instant
  createdAt: Instant
  /** What the local mailbox shows. */
  to?: string
  subject?: string
  text?: string
}

/** A mail that is not written down yet. */
export type Draft = Pick<Mail, '_id' | 'userId' | 'guestEmail' | 'content'>

/** How long a mail belongs to whoever claimed it; one that a crash left half-sent is tried again after this. */
export const lease: Instant = 60_000

/** A draft as it is written down: due at once, or `claimed` by the writer, who is about to send it. */
export const mailOf = (draft: Draft, now: Instant, claimed: boolean): Mail => ({
  ...draft,
  status: 'queued',
  ...(claimed ? { attempts: 1, dueAt: now + lease } : { attempts: 0, dueAt: now }),
  createdAt: now,
})

export type Letter = { id: string; to: string; subject: string; text: string }

/** The way out for e-mail. `id` is the same for every attempt. */
export interface Mailer {
  /** Resolves when the provider took the letter, with what the mail is to keep of it. */
  send(letter: Letter): Promise<Pick<Mail, 'to' | 'subject' | 'text'>>
}

/** A `send_email` binding, which a deployment may add to its config. */
export type EmailBinding = { send(message: EmailMessageBuilder): Promise<EmailSendResult> }

type MailEnv = { ENVIRONMENT: string; MAIL_FROM: string; EMAIL?: EmailBinding }

/** The mailer of this deployment; null where none is set up, and then mails stay queued. */
export function mailerFrom(env: MailEnv): Mailer | null {
  if (env.EMAIL) return bindingMailer(env.EMAIL, env.MAIL_FROM)
  return env.ENVIRONMENT === 'local' ? mailbox : null
}

/** Cloudflare's own e-mail service. */
const bindingMailer = (binding: EmailBinding, from: string): Mailer => ({
  send: async ({ id, to, subject, text }) => {
    await binding.send({ from, to, subject, text, headers: { 'X-Entity-Ref-ID': id } })
    return {}
  },
})

/** Keeps letters where GET /v1/dev/mailbox finds them. */
const mailbox: Mailer = { send: async ({ to, subject, text }) => ({ to, subject, text }) }
