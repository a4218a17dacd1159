import { z } from '@hono/zod-openapi'
import { idSchema } from '../../shared/contracts/ids'
import type { App } from '../../shared/http/app'
import { localOnly } from '../../shared/http/authorise'
import { CursorSchema, decodeCursor, encodeCursor, LimitSchema, PageSchema, page } from '../../shared/http/cursor'
import { answers, defineRoute } from '../../shared/http/route'
import type { Deps } from './deps'
import { InstantSchema, RecordedEventDto, RowDto, TypeSchema, toRecordedEventDto, toRowDto, VerificationDto } from './dto'
import { verify } from './verify'

const tags = ['audit']
const DaySchema = z.iso.date()
const RowIdSchema = z.string().regex(/^\d{4}-\d{2}-\d{2}:\d{9,}$/)

const listRoute = defineRoute(['admin'], {
  method: 'get',
  path: '/v1/audit',
  tags,
  summary: 'The recorded events, newest first',
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
  summary: 'Whether the log, or one day of it, is still as it was recorded',
  description:
    'Verifies some thousand rows; `next` is the cursor of the rest. `firstBroken` names the first row that is not as it was recorded.',
  request: { query: z.strictObject({ day: DaySchema.optional(), cursor: CursorSchema.optional() }) },
  responses: { 200: answers('What was found', VerificationDto) },
})

const devEventsRoute = defineRoute('public', {
  method: 'get',
  path: '/v1/dev/events',
  tags,
  summary: 'The domain events of this run, newest first; in local runs alone',
  request: { query: z.strictObject({ limit: LimitSchema, cursor: CursorSchema.optional() }) },
  responses: { 200: answers('A page of events, each with `to` and `seenAt`', PageSchema(RecordedEventDto)) },
})

/** The row id at which the last page ended. */
const rowBefore = (cursor: string | undefined): string | undefined => decodeCursor(cursor, z.tuple([RowIdSchema]))?.[0]

export function logRoutes(app: App<AuditEnv, Deps>): void {
  app.openapi(listRoute, async (c) => {
    const { type, subject, userId, from, until, limit, cursor } = c.req.valid('query')
    const [since, before] = [from, until].map((instant) => (instant === undefined ? undefined : Date.parse(instant)))
    const filter = { types: type === undefined ? undefined : [type].flat(), subject, userId, from: since, until: before }
    const found = await c.var.deps.log.page(filter, rowBefore(cursor), limit + 1)
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
  app.use('/v1/dev/*', localOnly)

  app.openapi(devEventsRoute, async (c) => {
    const { limit, cursor } = c.req.valid('query')
    const found = await c.var.deps.log.page({}, rowBefore(cursor), limit + 1)
    return c.json(
      page(found, limit, toRecordedEventDto, ({ _id }) => [_id]),
      200,
    )
  })
}
