import { z } from '@hono/zod-openapi'
import { AppError } from '../../../shared/contracts/errors'
import type { App } from '../../../shared/http/app'
import { requireActor } from '../../../shared/http/authorise'
import { readBounded } from '../../../shared/http/body'
import { answers, defineRoute } from '../../../shared/http/route'
import type { Deps } from '../deps'
import { receiveReport } from './bounces'
import { clearSuppression } from './suppression-commands'

/** Far more than any webhook of Resend has. */
const maxWebhookBytes = 256_000

const clearEmailStatus = defineRoute('signed-in', {
  method: 'delete',
  path: '/v1/notifications/preferences/email-status',
  tags: ['notification'],
  summary: 'Allow e-mails to your address again after they bounced, or after you reported them as spam',
  responses: { 204: { description: 'E-mails are sent again' } },
})

const takeResendWebhook = defineRoute('public', {
  method: 'post',
  path: '/v1/notifications/webhooks/resend',
  tags: ['notification'],
  summary: 'The signed webhook of Resend',
  // Resend sends no idempotency key; a repeated report changes nothing.
  idempotency: 'none',
  responses: { 200: answers('Received', z.object({ received: z.literal(true) })) },
})

/** The routes about e-mails that did not arrive. */
export function addEmailRoutes(app: App<NotificationEnv, Deps>): void {
  app.openapi(clearEmailStatus, async (c) => {
    await clearSuppression(c.var.deps, requireActor(c).userId)
    return c.body(null, 204)
  })

  app.openapi(takeResendWebhook, async (c) => {
    const rawBody = await readBounded(c.req.raw, maxWebhookBytes, () => new AppError('payload_too_large'))
    await receiveReport(c.var.deps, rawBody, c.req.raw.headers)
    return c.json({ received: true as const }, 200)
  })
}
