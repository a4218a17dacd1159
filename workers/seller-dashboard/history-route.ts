import { z } from '@hono/zod-openapi'
import { AppError } from '../../shared/contracts/errors'
import { type Instant, newId } from '../../shared/contracts/ids'
import { parseEnvelope } from '../../shared/events/consume'
import type { App } from '../../shared/http/app'
import { localOnly } from '../../shared/http/authorise'
import { answers, defineRoute, jsonBody } from '../../shared/http/route'
import type { DashboardEvent } from './dashboard-api'
import type { Deps } from './deps'
import { handlers } from './events'
import { importHistory } from './history'

/** As many as fit into the largest body that the gateway takes. */
const maxEvents = 300

const route = defineRoute('public', {
  method: 'post',
  path: '/v1/dev/history',
  summary: 'Local runs only: give past events to the dashboards, and to nothing else',
  hide: true,
  // Each event counts once, by its order or its id.
  idempotency: 'none',
  request: { body: jsonBody(z.strictObject({ events: z.array(z.unknown()).min(1).max(maxEvents) })) },
  responses: { 200: answers('They are in the figures', z.object({ events: z.int() })) },
})

export function historyRoute(app: App<SellerDashboardEnv, Deps>): void {
  app.use('/v1/dev/*', localOnly)
  app.openapi(route, async (c) => {
    const { deps } = c.var
    const replay = newId('rpl')
    // Replayed events are in the figures, and are shown to no device.
    const events = c.req.valid('json').events.map((body, place) => ({ ...pastEvent(body, place, deps.now()), replay }))
    const unknown = await importHistory(deps, events)
    if (unknown !== null) throw invalid(unknown, 'names an order that is not known')
    return c.json({ events: events.length }, 200)
  })
}

/** @throws AppError `validation_failed` for what is no event of the catalogue that dashboards take, or not of the past */
function pastEvent(body: unknown, place: number, now: Instant): DashboardEvent {
  const event = parseEnvelope(body)
  if (event === undefined || !Object.hasOwn(handlers, event.type)) throw invalid(place, 'is no event that dashboards are made of')
  // A NaN, too, is not past.
  if (!(Date.parse(event.time) <= now)) throw invalid(place, 'is not of the past')
  return event as DashboardEvent
}

const invalid = (place: number, message: string) =>
  new AppError('validation_failed', `events.${place} ${message}`, { errors: [{ path: `events.${place}`, message }] })
