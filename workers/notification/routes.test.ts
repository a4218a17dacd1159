import { describe, expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { type RouteCase, routeBattery } from '../../shared/testing/battery'
import { anActor } from '../../shared/testing/factories'
import { call } from '../../shared/testing/http'
import { markRead } from './notify/commands'
import { app } from './routes'
import { anOrder, aWorld, typesOf } from './testing/fixtures'

const world = aWorld()
const on = { inApp: true, email: true }
const off = { inApp: false, email: false }
const allOn = { orders: on, catalogue: on, account: on, types: {}, locale: 'en', emailStatus: 'ok' }
const watchers = ['buyer', 'seller', 'admin'] as const
const product = `/v1/products/${newId('prd')}/watch`

const cases: RouteCase[] = [
  { route: 'GET /v1/notifications', access: 'signed-in', path: '/v1/notifications' },
  {
    route: 'POST /v1/notifications/{id}/read',
    access: 'signed-in',
    path: `/v1/notifications/${newId('ntf')}/read`,
    foreign: async () => {
      const order = anOrder(world)
      await world.deliver(order.created)
      const [found] = await world.inbox(order.buyer)
      return { path: `/v1/notifications/${found?.id}/read`, actor: anActor('admin') }
    },
    works: async () => {
      const order = anOrder(world)
      await world.deliver(order.created)
      const [found] = await world.inbox(order.buyer)
      return { path: `/v1/notifications/${found?.id}/read`, actor: anActor('buyer', { userId: order.buyer.userId }) }
    },
  },
  { route: 'GET /v1/notifications/preferences', access: 'signed-in', path: '/v1/notifications/preferences' },
  {
    route: 'PUT /v1/notifications/preferences',
    access: 'signed-in',
    path: '/v1/notifications/preferences',
    body: { orders: on, catalogue: off, account: on },
    works: async () => ({ other: { orders: off, catalogue: off, account: on } }),
  },
  {
    ...{ route: 'PUT /v1/products/{id}/watch', access: watchers, path: product, shared: 'any user may watch any product' },
    works: async () => ({}),
  },
  {
    route: 'DELETE /v1/products/{id}/watch',
    access: watchers,
    path: product,
    shared: 'it ends only your own watch',
    works: async () => ({}),
  },
  { route: 'POST /v1/realtime/tickets', access: 'signed-in', path: '/v1/realtime/tickets', works: async () => ({}) },
  { route: 'GET /v1/realtime', access: 'public', path: '/v1/realtime' },
  {
    ...{ route: 'DELETE /v1/notifications/preferences/email-status', access: 'signed-in' },
    ...{ path: '/v1/notifications/preferences/email-status', works: async () => ({}) },
  },
  { route: 'POST /v1/notifications/webhooks/resend', access: 'public', path: '/v1/notifications/webhooks/resend' },
  { route: 'GET /v1/dev/mailbox', access: 'public', path: '/v1/dev/mailbox' },
]

routeBattery(app, world.fetch, cases)

describe('GET /v1/notifications', () => {
  it('answers pages, newest first, without gaps or repetitions', async () => {
    const person = world.person()
    const numbers: string[] = []
    for (let made = 0; made < 5; made++) {
      const order = anOrder(world, person)
      numbers.unshift(order.number)
      await world.deliver(order.created)
      // Two of them have the same instant.
      if (made !== 2) world.now.advance(1)
    }
    const seen: { number: string; createdAt: string }[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { json } = await world.get(person, `/v1/notifications?limit=2${cursor && `&cursor=${cursor}`}`)
      for (const { data, createdAt } of json.items) seen.push({ number: data.number, createdAt })
      expect(json.items.length).toBeLessThanOrEqual(2)
      cursor = json.nextCursor
    }
    expect(seen.map(({ number }) => number).sort()).toEqual([...numbers].sort())
    const instants = seen.map(({ createdAt }) => createdAt)
    expect(instants).toEqual([...instants].sort().reverse())
    expect(seen[0]?.number).toBe(numbers[0])
  })

  it('answers only unread notifications on request', async () => {
    const order = anOrder(world)
    await world.deliver(order.created, order.succeeded)
    const [first, second] = await world.inbox(order.buyer)
    const read = await world.send(order.buyer, 'POST', `/v1/notifications/${first?.id}/read`)
    expect([read.status, read.json]).toEqual([200, { ...first, readAt: expect.any(String) }])
    expect((await world.send(order.buyer, 'POST', `/v1/notifications/${first?.id}/read`)).json).toEqual(read.json)
    expect((await world.inbox(order.buyer, '?unread=true')).map(({ id }) => id)).toEqual([second?.id])
    expect(await world.inbox(order.buyer, '?unread=false')).toHaveLength(2)
  })

  it('keeps the instant at which a notification was first read', async () => {
    const order = anOrder(world)
    await world.deliver(order.created)
    const [found] = await world.deps.inbox.ofEvent(order.created.id, [order.buyer.userId])
    if (!found) throw new Error('no notification')
    const at = world.now()
    for (let times = 0; times < 2; times++) {
      expect((await markRead(world.deps, order.buyer.userId, found._id)).readAt).toBe(at)
      world.now.advance(1_000)
    }
  })

  it("cannot mark another user's notification as read", async () => {
    const order = anOrder(world)
    await world.deliver(order.created)
    const [found] = await world.inbox(order.buyer)
    expect((await world.send(world.person(), 'POST', `/v1/notifications/${found?.id}/read`)).status).toBe(404)
    expect(await world.inbox(order.buyer, '?unread=true')).toHaveLength(1)
  })

  it.each(['unread=1', 'limit=0', 'limit=101', 'cursor=nonsense', 'cursor=WzFd', 'surprise=1'])('refuses ?%s', async (query) => {
    const { status, json } = await world.get(world.person(), `/v1/notifications?${query}`)
    expect([status, json.code]).toEqual([422, 'validation_failed'])
  })
})

describe('preferences', () => {
  const path = '/v1/notifications/preferences'

  it('are all on for a user who never chose any', async () => {
    expect((await world.get(world.person(), path)).json).toEqual(allOn)
  })

  it.each([
    { orders: { inApp: true, email: false }, inbox: ['order.created', 'payment.succeeded'], mails: 0 },
    { orders: { inApp: false, email: true }, inbox: [], mails: 1 },
    { orders: off, inbox: [], mails: 0 },
  ])('decide which channels are used: $orders', async ({ orders, inbox, mails }) => {
    const person = world.person()
    const { json, status } = await world.send(person, 'PUT', path, { orders, catalogue: on })
    expect([status, json]).toEqual([200, { ...allOn, orders }])
    expect((await world.get(person, path)).json).toEqual(json)
    expect((await world.send(person, 'PUT', path, json)).json).toEqual(json)
    const order = anOrder(world, person)
    await world.deliver(order.created, order.succeeded)
    expect(typesOf(await world.inbox(person))).toEqual(inbox)
    expect(await world.mailbox(person.email)).toHaveLength(mails)
  })

  it.each([{ orders: on }, { orders: on, catalogue: on, account: off }, { orders: { ...on, sms: true }, catalogue: on }])(
    'refuse %j and stay unchanged',
    async (body) => {
      const person = world.person()
      const { status, json } = await world.send(person, 'PUT', path, body)
      expect([status, json.code]).toEqual([422, 'validation_failed'])
      expect((await world.get(person, path)).json).toEqual(allOn)
    },
  )
})

describe('GET /v1/dev/mailbox', () => {
  it('answers the newest e-mail first, and those of one address on request', async () => {
    const order = anOrder(world)
    await world.deliver(order.created)
    world.now.advance(1)
    await world.deliver(order.paid)
    const [first] = await world.mailbox(order.buyer.email)
    expect(first).toMatchObject({ to: order.buyer.email, subject: `Receipt for order ${order.number}` })
    expect(first?.text).toBe(
      `Hello ${order.buyer.name},\n\nWe received your payment of USD 50.00. The sellers now prepare your items.\n\nCredenza\n`,
    )
    const { json } = await call(world.fetch, 'GET', '/v1/dev/mailbox?limit=3')
    expect(json.items).toHaveLength(3)
  })

  it('does not exist in production', async () => {
    const { status, json } = await call(aWorld({ ENVIRONMENT: 'production' }).fetch, 'GET', '/v1/dev/mailbox')
    expect([status, json.code]).toEqual([404, 'not_found'])
  })
})
