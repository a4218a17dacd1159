import { AppError } from '../../../shared/contracts/errors'
import { breakerOf } from '../../../shared/runtime/circuit-breaker'
import type { Mail } from './email'
import type { Letter } from './rendering'
import { resend } from './resend'

/** The way out for e-mail. */
export interface Mailer {
  /**
   * Resolves when the provider took the letter, with what the mail is to keep of it. Its id is the provider's idempotency key.
   * @throws AppError with `retryAfter` where the provider named a time; one whose code is not to be retried when it will never take it
   */
  send(letter: Letter): Promise<Pick<Mail, 'to' | 'subject' | 'text' | 'html'>>
}

/** What a provider's adapter does; it is given up by the signal. */
export type Provider = (letter: Letter, signal: AbortSignal) => Promise<void>

/** A `send_email` binding, which a deployment may add to its config. */
export type EmailBinding = { send(message: EmailMessageBuilder): Promise<EmailSendResult> }

type MailEnv = { ENVIRONMENT: string; MAIL_FROM: string; EMAIL?: EmailBinding; RESEND_API_KEY?: string }

/** The mailer of this deployment: the binding, else Resend, else the local mailbox; null where there is none, and then mails stay queued. */
export function mailerFrom(env: MailEnv, request: typeof fetch = (...asked) => fetch(...asked)): Mailer | null {
  const provider = providerFrom(env, request)
  if (!provider) return env.ENVIRONMENT === 'local' ? mailbox : null
  const email = breakerOf(env, 'email')
  return {
    send: async (letter) => {
      await email.run((signal) => provider(letter, signal))
      return {}
    },
  }
}

function providerFrom(env: MailEnv, request: typeof fetch): Provider | null {
  if (env.EMAIL) return bound(env.EMAIL, env.MAIL_FROM)
  return env.RESEND_API_KEY ? resend(env.RESEND_API_KEY, env.MAIL_FROM, request) : null
}

/**
 * Codes by which Cloudflare's service refuses a letter for good, and those by which it asks for patience. All others are its failures,
 * or ours to mend in the account, such as a domain that is not set up.
 * Source: https://developers.cloudflare.com/email-service/api/send-emails/workers-api/
 */
const refusals = /^E_(VALIDATION_ERROR|FIELD_MISSING|RECIPIENT_\w+|CONTENT_TOO_LARGE|HEADERS?_\w+)$/
const brakes = /^E_(RATE|DAILY)_LIMIT_EXCEEDED$/

/** Cloudflare's own e-mail service, which knows no idempotency keys: what it took just before a crash is sent twice. */
const bound =
  (binding: EmailBinding, from: string): Provider =>
  async ({ id, to, subject, text, html }) => {
    try {
      await binding.send({ from, to, subject, text, html, headers: { 'X-Entity-Ref-ID': id } })
    } catch (error) {
      const code = String((error as { code?: unknown }).code ?? '')
      if (refusals.test(code)) throw new AppError('bad_request', `The e-mail service refuses it: ${code}`)
      if (brakes.test(code)) throw new AppError('too_many_requests', `The e-mail service asks for patience: ${code}`)
      throw error
    }
  }

/** Keeps letters where GET /v1/dev/mailbox finds them. */
const mailbox: Mailer = { send: async ({ to, subject, text, html }) => ({ to, subject, text, html }) }
