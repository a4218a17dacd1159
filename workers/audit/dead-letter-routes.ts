import { z } from '@hono/zod-openapi'
import { deadLetterStates } from '../../shared/contracts/audit'
import { AppError } from '../../shared/contracts/errors'
import { consumers } from '../../shared/contracts/events'
import type { App } from '../../shared/http/app'
import { requireActor } from '../../shared/http/authorise'
import { beforeOf, CursorSchema, LimitSchema, PageSchema, page } from '../../shared/http/cursor'
import { answers, defineRoute, jsonBody } from '../../shared/http/route'
import { line } from '../../shared/http/text'
import { discard, listDeadLetters, readDeadLetter, redrive, redriveAll } from './dead-letters'
import type { Deps } from './deps'
import {
  ConsumerSchema,
  DeadLetterDto,
  DeadLetterIdSchema,
  DeadLetterSummaryDto,
  TypeSchema,
  toDeadLetterDto,
  toDeadLetterSummaryDto,
} from './dto'

const tags = ['dead letters']
const params = z.object({ id: DeadLetterIdSchema })
const deadLetter = { 200: answers('The dead letter', DeadLetterDto) }

const listRoute = defineRoute(['admin'], {
  method: 'get',
  path: '/v1/dead-letters',
  tags,
  summary: 'Messages that a Worker could not handle, newest first',
  request: {
    query: z.strictObject({
      worker: ConsumerSchema.optional(),
      type: TypeSchema.optional(),
      state: z.enum(deadLetterStates).optional(),
      limit: LimitSchema,
      cursor: CursorSchema.optional(),
    }),
  },
  description: '`missing` names the Workers that did not answer: the page lacks their dead letters.',
  responses: {
    200: answers(
      'A page of dead letters',
      PageSchema(DeadLetterSummaryDto).extend({ missing: z.array(z.string()).max(consumers.length) }),
    ),
  },
})

const readRoute = defineRoute(['admin'], {
  method: 'get',
  path: '/v1/dead-letters/{id}',
  tags,
  summary: 'A message that a Worker could not handle, as it arrived',
  request: { params },
  responses: deadLetter,
})

const redriveRoute = defineRoute(['admin'], {
  method: 'post',
  path: '/v1/dead-letters/{id}/redrive',
  tags,
  summary: 'Send a message to its Worker once more',
  request: { params },
  responses: deadLetter,
})

const redriveAllRoute = defineRoute(['admin'], {
  method: 'post',
  path: '/v1/dead-letters/redrive',
  tags,
  summary: 'Send up to a hundred messages to their Workers once more, oldest first',
  request: { body: jsonBody(z.strictObject({ worker: ConsumerSchema.optional(), type: TypeSchema.optional() })) },
  responses: {
    200: answers(
      'What was sent, and whether there is more',
      z.object({ deadLetterIds: z.array(DeadLetterIdSchema), more: z.boolean() }),
    ),
  },
})

const discardRoute = defineRoute(['admin'], {
  method: 'post',
  path: '/v1/dead-letters/{id}/discard',
  tags,
  summary: 'Discard a message',
  request: { params, body: jsonBody(z.strictObject({ reason: line(500) })) },
  responses: deadLetter,
})

export function deadLetterRoutes(app: App<AuditEnv, Deps>): void {
  app.openapi(listRoute, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query')
    const { found, missing } = await listDeadLetters(c.var.deps, filter, beforeOf(cursor), limit + 1)
    return c.json({ ...page(found, limit, toDeadLetterSummaryDto, ({ failedAt, _id }) => [failedAt, _id]), missing }, 200)
  })

  // Without this route, the route of a single dead letter would answer 404 here, and the path exists for another method.
  app.get('/v1/dead-letters/redrive', () => {
    throw new AppError('method_not_allowed', 'Use POST', { allow: ['POST'] })
  })

  app.openapi(readRoute, async (c) => c.json(toDeadLetterDto(await readDeadLetter(c.var.deps, c.req.valid('param').id)), 200))

  app.openapi(redriveAllRoute, async (c) =>
    c.json(await redriveAll(c.var.deps, requireActor(c).userId, c.req.valid('json')), 200),
  )

  app.openapi(redriveRoute, async (c) => {
    const redriven = await redrive(c.var.deps, requireActor(c).userId, c.req.valid('param').id)
    return c.json(toDeadLetterDto(redriven), 200)
  })

  app.openapi(discardRoute, async (c) => {
    const discarded = await discard(c.var.deps, requireActor(c).userId, c.req.valid('param').id, c.req.valid('json').reason)
    return c.json(toDeadLetterDto(discarded), 200)
  })
}
