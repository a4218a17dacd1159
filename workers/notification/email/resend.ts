import { AppError } from '../../../shared/contracts/errors'
import type { Provider } from './mailer'

const endpoint = 'https://api.resend.com/emails'

/**
 * Resend over HTTP. Of two requests with one key within 24 hours it sends one, so an attempt whose answer was lost is harmless to repeat.
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
    else judge(response, await nameIn(response))
  }

/** The error's name; empty for an answer that is not of Resend's making. */
async function nameIn(response: Response): Promise<string> {
  try {
    return String(((await response.json()) as { name?: unknown } | null)?.name ?? '')
  } catch {
    return ''
  }
}

/** Names under which it refuses what our configuration says, rather than this letter. */
const ours = new Set(['invalid_from_address', 'invalid_access', 'invalid_region', 'missing_api_key'])

/** @throws AppError unless the letter was taken before. Source: https://resend.com/docs/api-reference/errors */
function judge({ status, headers }: Response, name: string): void {
  // Another letter was taken under this key: the same mail, in words that changed since, such as the user's name.
  if (name === 'invalid_idempotent_request') return
  const told = `Resend answered ${status} ${name}`.trim()
  const seconds = headers.get('retry-after') ?? ''
  const meta = /^\d{1,9}$/.test(seconds) ? { retryAfter: Number(seconds) } : {}
  if (status === 429) throw new AppError('too_many_requests', told, meta)
  if (status === 409) throw new AppError('conflict', told, meta)
  if ([400, 413, 422].includes(status) && !ours.has(name)) throw new AppError('bad_request', told)
  throw new AppError('unavailable', told, meta)
}
