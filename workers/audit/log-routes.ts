import { z } from '@hono/zod-openapi'
import { idSchema } from '../../shared/contracts/ids'
import type { App } from '../../shared/http/app'
import { CursorSchema, decodeCursor, encodeCursor, LimitSchema, PageSchema, page } from '../../shared/http/cursor'
import { answers, defineRoute } from '../../shared/http/route'
import type { Deps } from './deps'
import { InstantSchema, RowDto, TypeSchema, toRowDto, VerificationDto } from './dto'
import { idsBetween, ofTypes } from './row'
import { verify } from './verify'

const tags = ['audit']
const DaySchema = z.iso.date()
const RowIdSchema = z.string().regex(/^\d{4}-\d{2}-\d{2}:\d{9,}$/)

const listRoute = defineRoute(['admin'], {
  method: 'get',
  path: '/v1/audit',
  tags,
  summary: 'What happened, newest first',
  request: {
    query: z.strictObject({
      type: z.union([TypeSchema, z.array(TypeSchema).max(50)]).optional(),
      subject: z
        .string()
        .regex(/^[\w.:-]{1,200}$/, 'must be an id')
        .optional(),
      userId: idSchema('usr').optional(),
      from: InstantSchema.optional().openapi({ description: 'Recorded at this instant or later' }),
      until: InstantSchema.optional().openapi({ description: 'Recorded before this instant' }),
      limit: LimitSchema,
      cursor: CursorSchema.optional(),
    }),
  },
  responses: { 200: answers('A page of the log', PageSchema(RowDto)) },
})

const verifyRoute = defineRoute(['admin'], {
  method: 'get',
  path: '/v1/audit/verify',
  tags,
  summary: 'Whether the log, or one day of it, is as it was recorded',
  description:
    'Verifies some thousand rows; `next` is the cursor of the rest. `firstBroken` names the first row that was changed.',
  request: { query: z.strictObject({ day: DaySchema.optional(), cursor: CursorSchema.optional() }) },
  responses: { 200: answers('What was found', VerificationDto) },
})

export function logRoutes(app: App<AuditEnv, Deps>): void {
  app.openapi(listRoute, async (c) => {
    const { type, subject, userId, from, until, limit, cursor } = c.req.valid('query')
    const [since, before] = [from, until].map((instant) => (instant === undefined ? undefined : Date.parse(instant)))
    const place = decodeCursor(cursor, z.tuple([RowIdSchema]))
    const ids = { ...idsBetween(since, before), ...(place ? { $lt: place[0] } : {}) }
    const span = { ...(since === undefined ? {} : { $gte: since }), ...(before === undefined ? {} : { $lt: before }) }
    const filter = {
      ...(Object.keys(ids).length > 0 ? { _id: ids } : {}),
      ...(Object.keys(span).length > 0 ? { recordedAt: span } : {}),
      ...(type === undefined ? {} : ofTypes([type].flat())),
      ...(subject === undefined ? {} : { subject }),
      ...(userId === undefined ? {} : { userId }),
    }
    const found = await c.var.deps.log.rows.find(filter, { sort: { _id: -1 }, limit: limit + 1 })
    return c.json(
      page(found, limit, toRowDto, ({ _id }) => [_id]),
      200,
    )
  })

  app.openapi(verifyRoute, async (c) => {
    const { day, cursor } = c.req.valid('query')
    const place = decodeCursor(cursor, z.tuple([RowIdSchema, z.int().min(0), z.int().min(0)]))
    const progress = place && { after: place[0], rows: place[1], days: place[2] }
    const { rows, days, firstBroken, next } = await verify(c.var.deps, day, progress)
    const more = next && encodeCursor([next.after, next.rows, next.days])
    return c.json({ ok: firstBroken === null, rows, days, firstBroken, next: more }, 200)
  })
}
