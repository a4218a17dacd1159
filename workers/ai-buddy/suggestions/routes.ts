import { z } from '@hono/zod-openapi'
import { idSchema } from '../../../shared/contracts/ids'
import type { App } from '../../../shared/http/app'
import { requireActor } from '../../../shared/http/authorise'
import { beforeOf, CursorSchema, LimitSchema, PageSchema, page } from '../../../shared/http/cursor'
import { answers, defineRoute, jsonBody } from '../../../shared/http/route'
import { line } from '../../../shared/http/text'
import type { Deps } from '../deps'
import { applySuggestion, dismissSuggestion, restoreSuggestion } from './apply'
import { KindSchema, StatusSchema, SuggestionDto, toSuggestionDto } from './dto'

const tags = ['assistant']
const params = z.object({ id: idSchema('sug') })
const suggestion = { 200: answers('The suggestion as it is now', SuggestionDto) }

/** Product validates titles and pictures; these bounds only keep a request small. */
const ApplyBody = z
  .strictObject({
    version: z.int().min(1),
    quantity: z.int().min(1).max(1_000_000),
    title: z.string().min(1).max(1_000),
    description: z.string().min(1).max(20_000),
    tags: z.array(z.string().max(200)).min(1).max(100),
    images: z.array(z.string().max(4_000)).min(1).max(100),
  })
  .partial()
  .openapi('ApplySuggestion')

const list = defineRoute(['seller'], {
  method: 'get',
  path: '/v1/assistant/seller/suggestions',
  tags,
  summary: 'List suggestions about your products, newest first',
  request: {
    query: z.strictObject({
      kind: KindSchema.optional(),
      status: StatusSchema.default('open'),
      cursor: CursorSchema.optional(),
      limit: LimitSchema,
    }),
  },
  responses: { 200: answers('A page of suggestions, each with its evidence', PageSchema(SuggestionDto)) },
})

const apply = defineRoute(['seller'], {
  method: 'post',
  path: '/v1/assistant/seller/suggestions/{id}/apply',
  tags,
  summary: 'Apply a suggestion, as proposed or with what you give instead',
  description:
    'Send the `version` that you saw, so that nothing else is done. When the product changed since, this answers 409 and the suggestion is computed anew.',
  request: { params, body: jsonBody(ApplyBody) },
  responses: suggestion,
})

const dismiss = defineRoute(['seller'], {
  method: 'post',
  path: '/v1/assistant/seller/suggestions/{id}/dismiss',
  tags,
  summary: 'Dismiss a suggestion until what it is based on changes',
  request: { params, body: jsonBody(z.strictObject({ reason: line(200).optional() }).openapi('DismissSuggestion')) },
  responses: suggestion,
})

const restore = defineRoute(['seller'], {
  method: 'post',
  path: '/v1/assistant/seller/suggestions/{id}/restore',
  tags,
  summary: 'Take a dismissal back',
  request: { params },
  responses: suggestion,
})

/** The routes of a seller's suggestions. */
export function addSuggestionRoutes(app: App<AiBuddyEnv, Deps>): void {
  app.openapi(list, async (c) => {
    const { kind, status, cursor, limit } = c.req.valid('query')
    const found = await c.var.deps.suggestions.page(requireActor(c).userId, status, kind, beforeOf(cursor), limit + 1)
    return c.json(
      page(found, limit, toSuggestionDto, ({ createdAt, _id }) => [createdAt, _id]),
      200,
    )
  })

  app.openapi(apply, async (c) => {
    const { userId } = requireActor(c)
    const applied = await applySuggestion(c.var.deps, userId, c.req.valid('param').id, c.req.valid('json'))
    return c.json(toSuggestionDto(applied), 200)
  })

  app.openapi(dismiss, async (c) => {
    const { userId } = requireActor(c)
    const { reason = null } = c.req.valid('json')
    return c.json(toSuggestionDto(await dismissSuggestion(c.var.deps, userId, c.req.valid('param').id, reason)), 200)
  })

  app.openapi(restore, async (c) => {
    const { userId } = requireActor(c)
    return c.json(toSuggestionDto(await restoreSuggestion(c.var.deps, userId, c.req.valid('param').id)), 200)
  })
}
