import { z } from '@hono/zod-openapi'
import { letterStates } from '../../shared/contracts/audit'
import { AppError } from '../../shared/contracts/errors'
import type { App } from '../../shared/http/app'
import { requireActor } from '../../shared/http/authorise'
import { beforeOf, CursorSchema, LimitSchema, PageSchema, page } from '../../shared/http/cursor'
import { answers, defineRoute, jsonBody } from '../../shared/http/route'
import { line } from '../../shared/http/text'
import type { Deps } from './deps'
import { ConsumerSchema, LetterDto, LetterIdSchema, LetterSummaryDto, TypeSchema, toLetterDto, toLetterSummaryDto } from './dto'
import { discard, letterOf, listLetters, redrive, redriveAll } from './letters'

const tags = ['dead letters']
const params = z.object({ id: LetterIdSchema })
const letter = { 200: answers('The letter', LetterDto) }

const listRoute = defineRoute(['admin'], {
  method: 'get',
  path: '/v1/dead-letters',
  tags,
  summary: 'Messages that could not be handled, newest first',
  request: {
    query: z.strictObject({
      worker: ConsumerSchema.optional(),
      type: TypeSchema.optional(),
      state: z.enum(letterStates).optional(),
      limit: LimitSchema,
      cursor: CursorSchema.optional(),
    }),
  },
  responses: { 200: answers('A page of letters', PageSchema(LetterSummaryDto)) },
})

const readRoute = defineRoute(['admin'], {
  method: 'get',
  path: '/v1/dead-letters/{id}',
  tags,
  summary: 'A message that could not be handled, as it came',
  request: { params },
  responses: letter,
})

const redriveRoute = defineRoute(['admin'], {
  method: 'post',
  path: '/v1/dead-letters/{id}/redrive',
  tags,
  summary: 'Send a message to its Worker once more',
  request: { params },
  responses: letter,
})

const redriveAllRoute = defineRoute(['admin'], {
  method: 'post',
  path: '/v1/dead-letters/redrive',
  tags,
  summary: 'Send up to a hundred messages to their Workers once more, oldest first',
  request: { body: jsonBody(z.strictObject({ worker: ConsumerSchema.optional(), type: TypeSchema.optional() })) },
  responses: {
    200: answers('What was sent, and whether there is more', z.object({ letterIds: z.array(LetterIdSchema), more: z.boolean() })),
  },
})

const discardRoute = defineRoute(['admin'], {
  method: 'post',
  path: '/v1/dead-letters/{id}/discard',
  tags,
  summary: 'Give a message up',
  request: { params, body: jsonBody(z.strictObject({ reason: line(500) })) },
  responses: letter,
})

export function letterRoutes(app: App<AuditEnv, Deps>): void {
  app.openapi(listRoute, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query')
    const found = await listLetters(c.var.deps, filter, beforeOf(cursor), limit + 1)
    return c.json(
      page(found, limit, toLetterSummaryDto, ({ failedAt, _id }) => [failedAt, _id]),
      200,
    )
  })

  // No letter has this id; without this, the route of one would answer for a path that is another's.
  app.get('/v1/dead-letters/redrive', () => {
    throw new AppError('method_not_allowed', 'Use POST', { allow: ['POST'] })
  })

  app.openapi(readRoute, async (c) => c.json(toLetterDto(await letterOf(c.var.deps, c.req.valid('param').id)), 200))

  app.openapi(redriveAllRoute, async (c) =>
    c.json(await redriveAll(c.var.deps, requireActor(c).userId, c.req.valid('json')), 200),
  )

  app.openapi(redriveRoute, async (c) => {
    const sent = await redrive(c.var.deps, requireActor(c).userId, c.req.valid('param').id)
    return c.json(toLetterDto(sent), 200)
  })

  app.openapi(discardRoute, async (c) => {
    const given = await discard(c.var.deps, requireActor(c).userId, c.req.valid('param').id, c.req.valid('json').reason)
    return c.json(toLetterDto(given), 200)
  })
}
