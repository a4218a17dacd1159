import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import { requestIdHeader } from '../../shared/contracts/actor'
import { AppError } from '../../shared/contracts/errors'
import { idSchema } from '../../shared/contracts/ids'
import { type App, type AppEnv, newApp } from '../../shared/http/app'
import { requireActor } from '../../shared/http/authorise'
import { beforeOf, CursorSchema, LimitSchema, PageSchema, page } from '../../shared/http/cursor'
import { answers, defineRoute, jsonBody } from '../../shared/http/route'
import {
  AnswerDto,
  ConversationDto,
  filtersOf,
  InterestsDto,
  MessageBody,
  toAnswerDto,
  toConversationDto,
  toInterestsDto,
  toMessageDtos,
  WholeConversationDto,
} from './conversation/dto'
import { eventStream, frameOf, streamHeaders, streamOf } from './conversation/sse'
import { type TurnPart, type TurnRequest, takeTurn } from './conversation/turn'
import { type Deps, depsFrom } from './deps'
import { addSuggestionRoutes } from './suggestions/routes'
import { sweep } from './sweep'

/** Guests are known for an hour or so: nothing is recorded of them but their conversations. */
const remembered = ['buyer', 'seller', 'admin'] as const
const tags = ['assistant']
const nothing = { 204: { description: 'It is gone' } }
const conversationParams = z.object({ id: idSchema('cnv') })

const sendMessage = defineRoute('signed-in', {
  method: 'post',
  path: '/v1/assistant/messages',
  tags,
  summary:
    'Ask the assistant. With Accept: text/event-stream the answer comes as it is made, in events token, citation, product and at last done',
  description:
    'An answer under an Idempotency-Key is repeated in the form that was asked for first, whatever the Accept of the repeat asks for: JSON stays JSON, and an event stream an event stream. A message that gets no answer (409, 5xx) does not count for the day.',
  request: { body: jsonBody(MessageBody) },
  responses: {
    200: {
      description: 'The answer',
      content: { 'application/json': { schema: AnswerDto }, [eventStream]: { schema: z.string() } },
    },
  },
})

const listConversations = defineRoute('signed-in', {
  method: 'get',
  path: '/v1/assistant/conversations',
  tags,
  summary: 'Your conversations, those with the newest message first',
  request: { query: z.strictObject({ limit: LimitSchema, cursor: CursorSchema.optional() }) },
  responses: { 200: answers('A page of conversations', PageSchema(ConversationDto)) },
})

const readConversation = defineRoute('signed-in', {
  method: 'get',
  path: '/v1/assistant/conversations/{id}',
  tags,
  summary: 'One of your conversations, with its messages',
  request: { params: conversationParams },
  responses: { 200: answers('The conversation', WholeConversationDto) },
})

const deleteConversation = defineRoute('signed-in', {
  method: 'delete',
  path: '/v1/assistant/conversations/{id}',
  tags,
  summary: 'Delete one of your conversations',
  request: { params: conversationParams },
  responses: nothing,
})

const deleteConversations = defineRoute('signed-in', {
  method: 'delete',
  path: '/v1/assistant/conversations',
  tags,
  summary: 'Delete all of your conversations',
  responses: nothing,
})

const readInterests = defineRoute(remembered, {
  method: 'get',
  path: '/v1/assistant/interests',
  tags,
  summary: 'What the assistant takes you to be interested in, and why',
  responses: { 200: answers('Your interests, the strongest first', InterestsDto) },
})

const eraseInterests = defineRoute(remembered, {
  method: 'delete',
  path: '/v1/assistant/interests',
  tags,
  summary: 'Forget all of your interests',
  responses: nothing,
})

const eraseInterest = defineRoute(remembered, {
  method: 'delete',
  path: '/v1/assistant/interests/{category}',
  tags,
  summary: 'Forget one of your interests',
  request: { params: z.object({ category: z.string().min(1).max(60) }) },
  responses: nothing,
})

export const app: App<AiBuddyEnv, Deps> = newApp({ worker: 'ai-buddy', depsFrom, sweep })

app.openapi(sendMessage, async (c) => {
  const { deps } = c.var
  const request = turnRequestOf(c, c.req.valid('json'))
  c.header('vary', 'Accept')
  const types = ['application/json', eventStream]
  const isStreamed = accepts(c, { header: 'Accept', supports: types, default: 'application/json' }) === eventStream
  const leaving = new AbortController()
  const signal = AbortSignal.any([leaving.signal, c.req.raw.signal])
  const parts = await takeTurn(deps, requireActor(c), request, signal)
  // An answer that is stored under a key is complete before any of it is sent: what breaks off is no answer.
  if (isStreamed && !c.var.attempt) {
    const requestId = c.req.header(requestIdHeader) ?? 'req_unknown'
    const stream = streamOf(parts, { instance: c.req.path, requestId, left: () => leaving.abort() })
    return c.body(stream, 200, streamHeaders) as never
  }
  const all: TurnPart[] = []
  for await (const part of parts) all.push(part)
  if (isStreamed) return c.body(all.map(frameOf).join(''), 200, streamHeaders) as never
  const last = all.at(-1)
  if (last?.type !== 'done') throw new AppError('internal')
  return c.json(toAnswerDto(last.finished), 200)
})

app.openapi(listConversations, async (c) => {
  const { limit, cursor } = c.req.valid('query')
  const found = await c.var.deps.conversations.page(requireActor(c).userId, beforeOf(cursor), limit + 1)
  return c.json(
    page(found, limit, toConversationDto, ({ updatedAt, _id }) => [updatedAt, _id]),
    200,
  )
})

app.openapi(readConversation, async (c) => {
  const found = await c.var.deps.conversations.load(requireActor(c).userId, c.req.valid('param').id)
  if (!found) throw new AppError('not_found')
  return c.json({ ...toConversationDto(found), messages: found.turns.flatMap(toMessageDtos) }, 200)
})

app.openapi(deleteConversation, async (c) => {
  if (!(await c.var.deps.conversations.remove(requireActor(c).userId, c.req.valid('param').id))) throw new AppError('not_found')
  return c.body(null, 204)
})

app.openapi(deleteConversations, async (c) => {
  await c.var.deps.conversations.removeAll(requireActor(c).userId)
  return c.body(null, 204)
})

app.openapi(readInterests, async (c) => {
  const { interests, now } = c.var.deps
  return c.json(toInterestsDto(await interests.of(requireActor(c).userId, now())), 200)
})

app.openapi(eraseInterests, async (c) => {
  const { interests, now } = c.var.deps
  await interests.erase(requireActor(c).userId, null, now())
  return c.body(null, 204)
})

app.openapi(eraseInterest, async (c) => {
  const { interests, now } = c.var.deps
  const { userId } = requireActor(c)
  const { category } = c.req.valid('param')
  const { items } = await interests.of(userId, now())
  if (!items.some((interest) => interest.category === category)) throw new AppError('not_found')
  await interests.erase(userId, category, now())
  return c.body(null, 204)
})

addSuggestionRoutes(app)

function turnRequestOf(c: Context<AppEnv<AiBuddyEnv, Deps>>, body: z.infer<typeof MessageBody>): TurnRequest {
  const { attempt, deps } = c.var
  const idOf = attempt?.id ?? deps.newId
  return {
    ...{ messageId: idOf('msg'), beginning: idOf('cnv'), resumed: attempt?.resumed ?? false },
    ...{ message: body.message, conversationId: body.conversationId ?? null, confirm: body.confirm ?? false },
    filters: filtersOf(body.filters),
  }
}
