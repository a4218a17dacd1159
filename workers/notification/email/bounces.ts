import { z } from '@hono/zod-openapi'
import { AppError } from '../../../shared/contracts/errors'
import type { Instant } from '../../../shared/contracts/ids'
import type { DeliveryReport } from './deliverability'
import type { SuppressionList } from './suppression-list'
import { verify } from './svix'

type Needs = { now: () => Instant; webhookSecret: string | null; suppressions: Pick<SuppressionList, 'record'> }

const Webhook = z.object({ type: z.string(), created_at: z.string(), data: z.unknown() })
/** Source: https://resend.com/docs/webhooks/emails/bounced, https://resend.com/docs/webhooks/emails/complained */
const Mailed = z.object({
  to: z.array(z.string().min(1).max(320)).min(1).max(50),
  bounce: z.object({ type: z.string().optional(), subType: z.string().optional() }).optional(),
})

/**
 * Records what Resend reports about an e-mail. Repeated reports change nothing, and neither do reports older than what is known of an
 * address.
 * @throws AppError `signature_invalid`, before anything is parsed; `bad_request`; `not_found` where no secret is set up
 */
export async function receiveReport(
  { webhookSecret: secret, now, suppressions }: Needs,
  rawBody: Uint8Array,
  headers: Headers,
): Promise<void> {
  if (!secret) throw new AppError('not_found')
  if (!(await verify(rawBody, headers, secret, now()))) throw new AppError('signature_invalid')
  const { type, created_at, data } = parsed(Webhook, jsonIn(rawBody))
  if (type !== 'email.bounced' && type !== 'email.complained') return
  const { to, bounce } = parsed(Mailed, data)
  const report = type === 'email.complained' ? complaint : reportOf(bounce)
  if (!report) return
  // Not later than now, or a user who allows e-mails again afterwards would have no effect.
  const at = Math.min(Date.parse(created_at), now())
  if (Number.isNaN(at)) throw new AppError('bad_request', 'created_at is not a date')
  await Promise.all(to.map((address) => suppressions.record(address, { ...report, at })))
}

type Report = Omit<DeliveryReport, 'at'>

const complaint: Report = { deliverability: 'complained', reason: 'complaint' }

/** The report of a permanent bounce; null for a temporary one, such as of a full mailbox. */
function reportOf({ type = 'Permanent', subType }: { type?: string; subType?: string } = {}): Report | null {
  return type === 'Permanent' ? { deliverability: 'bounced', reason: (subType ?? type).slice(0, 100) } : null
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
  if (!success) throw new AppError('bad_request', 'This is not a webhook of Resend')
  return data
}
