import { z } from '@hono/zod-openapi'
import { AppError } from '../../shared/contracts/errors'
import { idSchema, iso } from '../../shared/contracts/ids'
import { type App, newApp } from '../../shared/http/app'
import { localOnly, requireActor } from '../../shared/http/authorise'
import { beforeOf, CursorSchema, LimitSchema, PageSchema, page } from '../../shared/http/cursor'
import { answers, defineRoute, jsonBody } from '../../shared/http/route'
import { NotificationDto, toNotificationDto } from './content/notification-dto'
import { type Deps, depsFrom } from './deps'
import { MailDto, PreferencesBody, PreferencesDto, toMailDto, toPreferencesDto } from './dto'
import { deliverabilityOf } from './email/suppression-commands'
import { addEmailRoutes } from './email/webhook-routes'
import { goLive, issueTicket, markRead, preferencesOf, watch } from './notify/commands'
import { sweep } from './sweep'

const paging = { limit: LimitSchema, cursor: CursorSchema.optional() }
const watchers = ['buyer', 'seller', 'admin'] as const

const listNotifications = defineRoute('signed-in', {
  method: 'get',
  path: '/v1/notifications',
  tags: ['notification'],
  summary: 'Your inbox, newest first',
  request: { query: z.strictObject({ ...paging, unread: z.enum(['true', 'false']).optional() }) },
  responses: { 200: answers('A page of notifications', PageSchema(NotificationDto)) },
})

const readNotification = defineRoute('signed-in', {
  method: 'post',
  path: '/v1/notifications/{id}/read',
  tags: ['notification'],
  summary: 'Mark a notification as read',
  request: { params: z.object({ id: idSchema('ntf') }) },
  responses: { 200: answers('The notification', NotificationDto) },
})

const readPreferences = defineRoute('signed-in', {
  method: 'get',
  path: '/v1/notifications/preferences',
  tags: ['notification'],
  summary: 'Your preferences: which notifications you get by which channels',
  responses: { 200: answers('The preferences', PreferencesDto) },
})

const writePreferences = defineRoute('signed-in', {
  method: 'put',
  path: '/v1/notifications/preferences',
  tags: ['notification'],
  summary: 'Choose which notifications you get by which channels',
  request: { body: jsonBody(PreferencesBody) },
  responses: { 200: answers('The preferences', PreferencesDto) },
})

const watchParams = z.object({ id: idSchema('prd') })

const watchProduct = defineRoute(watchers, {
  method: 'put',
  path: '/v1/products/{id}/watch',
  tags: ['notification'],
  summary: 'Get a notification when a product costs less, changes, is archived or is back in stock',
  request: { params: watchParams },
  responses: { 204: { description: 'You watch it' } },
})

const unwatchProduct = defineRoute(watchers, {
  method: 'delete',
  path: '/v1/products/{id}/watch',
  tags: ['notification'],
  summary: 'Stop watching a product',
  request: { params: watchParams },
  responses: { 204: { description: 'You do not watch it' } },
})

const makeTicket = defineRoute('signed-in', {
  method: 'post',
  path: '/v1/realtime/tickets',
  tags: ['notification'],
  summary: 'A ticket that opens one live session within 30 seconds',
  responses: { 201: answers('The ticket', z.object({ ticket: z.string(), expiresAt: z.iso.datetime() }).openapi('Ticket')) },
})

const openLiveSession = defineRoute('public', {
  method: 'get',
  path: '/v1/realtime',
  tags: ['notification'],
  summary: 'The live session, by WebSocket; `last` is the number of the newest frame that you have',
  request: {
    query: z.strictObject({
      ticket: z.string().min(1).max(1_000),
      last: z
        .string()
        .regex(/^\d{1,15}$/, 'must be the number of a frame')
        .transform(Number)
        .optional(),
    }),
  },
  responses: { 101: { description: 'Frames `{ seq, type, time, data }` follow' } },
})

const readMailbox = defineRoute('public', {
  method: 'get',
  path: '/v1/dev/mailbox',
  tags: ['notification'],
  summary: 'The e-mails of this run, newest first; in local runs alone',
  request: { query: z.strictObject({ ...paging, to: z.string().min(1).max(320).optional() }) },
  responses: { 200: answers('A page of e-mails', PageSchema(MailDto)) },
})

export const app: App<NotificationEnv, Deps> = newApp({ worker: 'notification', depsFrom, sweep })
app.use('/v1/dev/*', localOnly)
addEmailRoutes(app)

app.openapi(listNotifications, async (c) => {
  const { limit, cursor, unread } = c.req.valid('query')
  const found = await c.var.deps.inbox.page(requireActor(c).userId, unread === 'true', beforeOf(cursor), limit + 1)
  return c.json(
    page(found, limit, toNotificationDto, ({ createdAt, _id }) => [createdAt, _id]),
    200,
  )
})

app.openapi(readNotification, async (c) =>
  c.json(toNotificationDto(await markRead(c.var.deps, requireActor(c).userId, c.req.valid('param').id)), 200),
)

app.openapi(readPreferences, async (c) => {
  const { userId } = requireActor(c)
  const { deps } = c.var
  const [preferences, deliverability] = await Promise.all([preferencesOf(deps, userId), deliverabilityOf(deps, userId)])
  return c.json(toPreferencesDto(preferences, deliverability), 200)
})

app.openapi(writePreferences, async (c) => {
  const { userId } = requireActor(c)
  const { orders, catalogue, types, locale } = c.req.valid('json')
  const preferences = { orders, catalogue, types, locale }
  await c.var.deps.preferences.save(userId, preferences)
  return c.json(toPreferencesDto(preferences, await deliverabilityOf(c.var.deps, userId)), 200)
})

app.openapi(watchProduct, async (c) => {
  await watch(c.var.deps, requireActor(c).userId, c.req.valid('param').id)
  return c.body(null, 204)
})

app.openapi(unwatchProduct, async (c) => {
  await c.var.deps.watches.remove(requireActor(c).userId, c.req.valid('param').id)
  return c.body(null, 204)
})

app.openapi(makeTicket, async (c) => {
  const { ticket, expiresAt } = await issueTicket(c.var.deps, requireActor(c))
  return c.json({ ticket, expiresAt: iso(expiresAt) }, 201)
})

app.openapi(openLiveSession, async (c) => {
  if (c.req.header('upgrade')?.toLowerCase() !== 'websocket') throw new AppError('upgrade_required')
  const { ticket, last = null } = c.req.valid('query')
  return goLive(c.var.deps, ticket, last)
})

app.openapi(readMailbox, async (c) => {
  const { limit, cursor, to } = c.req.valid('query')
  const found = await c.var.deps.emails.mailbox(to, beforeOf(cursor), limit + 1)
  return c.json(
    page(found, limit, toMailDto, ({ createdAt, _id }) => [createdAt, _id]),
    200,
  )
})
