import { AppError } from '../../../shared/contracts/errors'
import type { Provider } from './provider'

const endpoint = 'https://api.resend.com/emails'

/**
 * Resend over HTTP. Of two requests with the same key within 24 hours it sends one, so an attempt whose answer was lost can be repeated.
 * Source: https://resend.com/docs/api-reference/emails/send-email, https://resend.com/docs/dashboard/emails/idempotency-keys
 */
export const resend =
  (apiKey: string, from: string, request: typeof fetch): Provider =>
  async ({ id, to, subject, text, html }, signal) => {
    const response = await request(endpoint, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'idempotency-key': id },
      body: JSON.stringify({ from, to: [to], subject, text, html }),
      signal,
    })
    if (response.ok) await response.body?.cancel()
    else throwUnlessSent(response, await errorNameIn(response))
  }

/** The error's name; empty for an answer that did not come from Resend. */
async function errorNameIn(response: Response): Promise<string> {
  try {
    return String(((await response.json()) as { name?: unknown } | null)?.name ?? '')
  } catch {
    return ''
  }
}

/** Names of errors in our configuration, rather than in this e-mail. */
const configurationErrors = new Set(['invalid_from_address', 'invalid_access', 'invalid_region', 'missing_api_key'])

/** @throws AppError unless the e-mail was sent before. Source: https://resend.com/docs/api-reference/errors */
function throwUnlessSent({ status, headers }: Response, name: string): void {
  // Resend accepted another text under this key: the same e-mail before a change in it, such as in the user's name.
  if (name === 'invalid_idempotent_request') return
  const detail = `Resend answered ${status} ${name}`.trim()
  const seconds = headers.get('retry-after') ?? ''
  const meta = /^\d{1,9}$/.test(seconds) ? { retryAfter: Number(seconds) } : {}
  if (status === 429) throw new AppError('too_many_requests', detail, meta)
  if (status === 409) throw new AppError('conflict', detail, meta)
  if ([400, 413, 422].includes(status) && !configurationErrors.has(name)) throw new AppError('bad_request', detail)
  throw new AppError('unavailable', detail, meta)
}
