import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { newId, type UserId } from '../../shared/contracts/ids'
import { anActor, anEvent } from '../../shared/testing/factories'
import { call } from '../../shared/testing/http'
import { app } from './routes'
import { alarmOf, anOrder, aSoldLine, aView, tablesOf } from './testing/fixtures'

const post = (events: unknown[], bindings: Partial<SellerDashboardEnv> = {}) =>
  call((request) => app.fetch(request, { ...env, ...bindings } as unknown as SellerDashboardEnv), 'POST', '/v1/dev/history', {
    body: { events },
  })

const at = Date.UTC(2026, 2, 1, 10)

/** A paid and partly refunded order, and a view. */
function aHistory(sellerId: UserId) {
  const order = anOrder([aSoldLine(sellerId, { price: 2_000 })])
  return [
    order.refunded(at + 5, 500),
    order.created(at),
    order.paid(at + 1),
    order.shipped(at + 2, sellerId),
    aView(sellerId, at, 10),
  ]
}

describe('past events', () => {
  it('are in the figures of their seller once, and shown to no device', async () => {
    const { userId, ...actor } = anActor('seller')
    const events = aHistory(userId)
    expect(await post(events)).toMatchObject({ status: 200, json: { events: 5 } })
    const kept = await tablesOf(userId)
    expect((await post(events)).status).toBe(200)
    expect(await tablesOf(userId)).toEqual(kept)
    expect(await alarmOf(userId)).toBeNull()
    const path = '/v1/seller/dashboard?from=2026-03-01&until=2026-03-01'
    const bindings = env as unknown as SellerDashboardEnv
    const { json } = await call((request) => app.fetch(request, bindings), 'GET', path, { actor: { userId, ...actor } })
    const { gross, refunded, views } = json.figures
    expect([gross.current, refunded.current, views.current]).toEqual([2_000, 500, 10])
  })

  it('are refused when one is of no dashboard, of the future, not of the catalogue, or of an unknown order', async () => {
    const sellerId = newId('usr')
    const [refund] = aHistory(sellerId)
    const stranger = anEvent('user.signed_in', sellerId, { version: 1, userId: sellerId, sessionId: newId('ses'), address: '' })
    const future = aView(sellerId, Date.now() + 3_600_000)
    const broken = { ...aView(sellerId, at), data: { weight: 0 } }
    for (const event of [stranger, future, broken, { type: 'order.paid' }, refund])
      expect(await post([aView(sellerId, at), event])).toMatchObject({ status: 422, json: { errors: [{ path: 'events.1' }] } })
    expect((await tablesOf(sellerId)).views).toEqual([])
    expect((await post([])).status).toBe(422)
  })

  it('are taken in local runs only', async () =>
    expect((await post(aHistory(newId('usr')), { ENVIRONMENT: 'production' })).status).toBe(404))
})
