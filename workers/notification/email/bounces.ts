import { z } from '@hono/zod-openapi'
import { AppError } from '../../../shared/contracts/errors'
import type { Deps } from '../deps'
import type { Report } from './suppression-list'
import { verify } from './svix'

const Webhook = z.object({ type: z.string(), created_at: z.string(), data: z.unknown() })
/** Source: https://resend.com/docs/webhooks/emails/bounced, https://resend.com/docs/webhooks/emails/complained */
const Mailed = z.object({
  to: z.array(z.string().min(1).max(320)).min(1).max(50),
  bounce: z.object({ type: z.string().optional(), subType: z.string().optional() }).optional(),
})

/**
 * Takes in what Resend reports of a mail. What it repeats changes nothing, nor does what is older than what is known of an address.
 * @throws AppError `signature_invalid`, before anything is parsed; `bad_request`; `not_found` where no secret is set up
 */
export async function receiveReport(deps: Deps, rawBody: Uint8Array, headers: Headers): Promise<void> {
  const { webhookSecret: secret, now } = deps
  if (!secret) throw new AppError('not_found')
  if (!(await verify(rawBody, headers, secret, now()))) throw new AppError('signature_invalid')
  const { type, created_at, data } = parsed(Webhook, jsonIn(rawBody))
  if (type !== 'email.bounced' && type !== 'email.complained') return
  const { to, bounce } = parsed(Mailed, data)
  const report = type === 'email.complained' ? complaint : bounced(bounce)
  if (!report) return
  // Not later than now, or it would outlast what the user does about it.
  const at = Math.min(Date.parse(created_at), now())
  if (Number.isNaN(at)) throw new AppError('bad_request', 'created_at is no date')
  await Promise.all(to.map((address) => deps.addresses.note(address, { ...report, at })))
}

type Finding = Omit<Report, 'at'>

const complaint: Finding = { standing: 'complained', reason: 'complaint' }

/** What came back for good; null for what may get through another time, such as to a full mailbox. */
function bounced({ type = 'Permanent', subType }: { type?: string; subType?: string } = {}): Finding | null {
  return type === 'Permanent' ? { standing: 'bounced', reason: (subType ?? type).slice(0, 100) } : null
}

function jsonIn(rawBody: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(rawBody))
  } catch {
    throw new AppError('malformed_json')
  }
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const { success, data } = schema.safeParse(value)
  if (!success) throw new AppError('bad_request', 'This is no webhook of Resend')
  return data
}
