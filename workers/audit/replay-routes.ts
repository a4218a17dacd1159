import { z } from '@hono/zod-openapi'
import { idSchema } from '../../shared/contracts/ids'
import type { App } from '../../shared/http/app'
import { requireActor } from '../../shared/http/authorise'
import { attemptOf } from '../../shared/http/idempotency-route'
import { answers, defineRoute, jsonBody } from '../../shared/http/route'
import type { Deps } from './deps'
import { InstantSchema, ReplayDto, TypeSchema, toReplayDto, WorkerSchema } from './dto'
import { readReplay, startReplay } from './replay'

const tags = ['audit']

const replayRoute = defineRoute(['admin'], {
  method: 'post',
  path: '/v1/events/replay',
  tags,
  summary: 'Send past events to a Worker again',
  description:
    'Sends events that were recorded at `from` or later and before `until`. 409 `replay_refused` for a Worker whose handlers do more than keep state.',
  idempotency: 'required',
  request: {
    body: jsonBody(
      z
        .strictObject({
          to: WorkerSchema,
          from: InstantSchema,
          until: InstantSchema,
          types: z.array(TypeSchema).min(1).max(50).optional(),
        })
        .refine(({ from, until }) => Date.parse(from) < Date.parse(until), { path: ['until'], message: 'must be after from' }),
    ),
  },
  responses: { 202: answers('The replay, with its progress', ReplayDto) },
})

const readRoute = defineRoute(['admin'], {
  method: 'get',
  path: '/v1/events/replays/{id}',
  tags,
  summary: 'The progress of a replay',
  request: { params: z.object({ id: idSchema('rpl') }) },
  responses: { 200: answers('The replay', ReplayDto) },
})

export function replayRoutes(app: App<AuditEnv, Deps>): void {
  app.openapi(replayRoute, async (c) => {
    const { to, from, until, types } = c.req.valid('json')
    const attempt = attemptOf(c)
    const ids = { replay: attempt.id('rpl'), event: attempt.id('evt') }
    const request = { to, from: Date.parse(from), until: Date.parse(until), types, by: requireActor(c).userId }
    return c.json(toReplayDto(await startReplay(c.var.deps, ids, request)), 202)
  })

  app.openapi(readRoute, async (c) => c.json(toReplayDto(await readReplay(c.var.deps, c.req.valid('param').id)), 200))
}
