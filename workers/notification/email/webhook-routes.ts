import { z } from '@hono/zod-openapi'
import { AppError } from '../../../shared/contracts/errors'
import type { App } from '../../../shared/http/app'
import { requireActor } from '../../../shared/http/authorise'
import { readBounded } from '../../../shared/http/body'
import { answers, defineRoute } from '../../../shared/http/route'
import type { Deps } from '../deps'
import { receiveReport } from './bounces'
import { clearStanding } from './suppression-list'

/** Far more than any webhook of Resend's has. */
const maxWebhookBytes = 256_000

const clearEmailStatus = defineRoute('signed-in', {
  method: 'delete',
  path: '/v1/notifications/preferences/email-status',
  tags: ['notification'],
  summary: 'Have mails to your address tried again after they bounced, or after you complained of them',
  responses: { 204: { description: 'They are' } },
})

const takeResendWebhook = defineRoute('public', {
  method: 'post',
  path: '/v1/notifications/webhooks/resend',
  tags: ['notification'],
  summary: 'Where Resend reports, signed',
  // The provider sends no key; a repeated report changes nothing.
  idempotency: 'none',
  responses: { 200: answers('Taken in', z.object({ received: z.literal(true) })) },
})

/** The routes about mails that did not arrive. */
export function addMailRoutes(app: App<NotificationEnv, Deps>): void {
  app.openapi(clearEmailStatus, async (c) => {
    await clearStanding(c.var.deps, requireActor(c).userId)
    return c.body(null, 204)
  })

  app.openapi(takeResendWebhook, async (c) => {
    const rawBody = await readBounded(c.req.raw, maxWebhookBytes, () => new AppError('payload_too_large'))
    await receiveReport(c.var.deps, rawBody, c.req.raw.headers)
    return c.json({ received: true as const }, 200)
  })
}
