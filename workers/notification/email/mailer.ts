import { AppError } from '../../../shared/contracts/errors'
import { breakerOf } from '../../../shared/runtime/circuit-breaker'
import type { RenderedEmail } from './content'
import type { Email } from './email'
import type { Provider } from './provider'
import { resend } from './resend'

/** Sends e-mails. */
export interface Mailer {
  /**
   * Resolves when the provider accepted the e-mail, with what is to be stored of it. Its id is the provider's idempotency key.
   * @throws AppError with `retryAfter` when the provider named a time, and with a code that is not retried when it will never accept it
   */
  send(email: RenderedEmail): Promise<Pick<Email, 'to' | 'subject' | 'text' | 'html'>>
}

/** A `send_email` binding, which a deployment may add to its config. */
export type EmailBinding = { send(message: EmailMessageBuilder): Promise<EmailSendResult> }

type MailEnv = { ENVIRONMENT: string; MAIL_FROM: string; EMAIL?: EmailBinding; RESEND_API_KEY?: string }

/** The mailer of this deployment: the binding, else Resend, else the local mailbox. Without any it is null, and e-mails stay queued. */
export function mailerFrom(env: MailEnv, request: typeof fetch = (...args) => fetch(...args)): Mailer | null {
  const provider = providerFrom(env, request)
  if (!provider) return env.ENVIRONMENT === 'local' ? localMailbox : null
  const breaker = breakerOf(env, 'email')
  return {
    send: async (email) => {
      await breaker.run((signal) => provider(email, signal))
      return {}
    },
  }
}

function providerFrom(env: MailEnv, request: typeof fetch): Provider | null {
  if (env.EMAIL) return emailService(env.EMAIL, env.MAIL_FROM)
  return env.RESEND_API_KEY ? resend(env.RESEND_API_KEY, env.MAIL_FROM, request) : null
}

/**
 * The codes by which Cloudflare's e-mail service refuses an e-mail for good, and those by which it limits the rate. Any other code is a
 * failure of the service, or of our account, such as a domain that is not set up.
 * Source: https://developers.cloudflare.com/email-service/api/send-emails/workers-api/
 */
const refusals = /^E_(VALIDATION_ERROR|FIELD_MISSING|RECIPIENT_\w+|CONTENT_TOO_LARGE|HEADERS?_\w+)$/
const rateLimits = /^E_(RATE|DAILY)_LIMIT_EXCEEDED$/

/** Cloudflare's e-mail service. It has no idempotency keys, so an e-mail that it accepted just before a crash is sent twice. */
const emailService =
  (binding: EmailBinding, from: string): Provider =>
  async ({ id, to, subject, text, html }) => {
    try {
      await binding.send({ from, to, subject, text, html, headers: { 'X-Entity-Ref-ID': id } })
    } catch (error) {
      const code = String((error as { code?: unknown }).code ?? '')
      if (refusals.test(code)) throw new AppError('bad_request', `The e-mail service refuses it: ${code}`)
      if (rateLimits.test(code)) throw new AppError('too_many_requests', `The e-mail service limits the rate: ${code}`)
      throw error
    }
  }

/** Stores e-mails where GET /v1/dev/mailbox finds them. */
const localMailbox: Mailer = { send: async ({ to, subject, text, html }) => ({ to, subject, text, html }) }
