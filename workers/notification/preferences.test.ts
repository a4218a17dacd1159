import { describe, expect, it } from 'vitest'
import type { Actor } from '../../shared/contracts/actor'
import type { Envelope } from '../../shared/contracts/events'
import { anEvent } from '../../shared/testing/factories'
import {
  type ChosenType,
  channelsOf,
  chosenTypes,
  defaultPreferences,
  type NotificationType,
  type Override,
} from './content/notification'
import { batchFor } from './email/email'
import { sweep } from './sweep'
import { anOrder, aProduct, aWorld, typesOf, type World } from './testing/fixtures'

const path = '/v1/notifications/preferences'
const on = { inApp: true, email: true }
const off = { inApp: false, email: false }

type Person = Actor & { email: string }

/** For each kind, sets up what is needed and returns the event that causes it. */
const causes: Record<ChosenType, (world: World, person: Person) => Promise<Envelope>> = {
  'order.created': async (world, person) => anOrder(world, person).created,
  'order.paid': async (world, person) => anOrder(world, person).paid,
  'order.canceled': async (world, person) => anOrder(world, person).canceled(),
  'order.failed': async (world, person) => anOrder(world, person).canceled({ status: 'failed', reason: 'payment_failed' }),
  'order.shipped': async (world, person) => anOrder(world, person).shipped,
  'order.delivered': async (world, person) => anOrder(world, person).delivered,
  'sale.created': async (world, person) => anOrder(world, world.person(), [person]).paid,
  'sale.canceled': async (world, person) => anOrder(world, world.person(), [person]).canceled({ wasPaid: true }),
  'payment.succeeded': async (world, person) => anOrder(world, person).succeeded,
  'payment.failed': async (world, person) => anOrder(world, person).declined,
  'payment.refunded': async (world, person) => anOrder(world, person).refunded,
  'stock.low': async (_world, { userId }) => aProduct(userId).stock(1, 'in', 'low'),
  'stock.out': async (_world, { userId }) => aProduct(userId).stock(1, 'low', 'out', 0),
  'product.price_dropped': async (world, person) => (await watchedBy(world, person)).updated(2, 500),
  'product.changed': async (world, person) => (await watchedBy(world, person)).updated(2, 1_500),
  'product.archived': async (world, person) =>
    (await watchedBy(world, person)).updated(2, 1_000, { status: 'archived', change: 'archived' }),
  'product.back_in_stock': async (world, person) => (await watchedBy(world, person)).stock(2, 'out', 'in'),
}

async function watchedBy(world: World, person: Person) {
  const product = aProduct()
  await world.deliver(product.updated(1, 1_000))
  await world.deps.watches.add(person.userId, product.productId, 0)
  return product
}

/** The channels by which a user got a kind of notification. */
async function channelsUsed(world: World, type: NotificationType, event: Envelope, person: Person) {
  const pushed: unknown[] = []
  const { live } = world.deps
  world.deps.live = {
    ...live,
    of: (userId) => ({
      revoke: async () => {},
      push: async (frames) => {
        if (userId === person.userId)
          pushed.push(
            ...frames.filter(({ type: frame, data }) => frame === 'notification.created' && 'type' in data && data.type === type),
          )
      },
    }),
  }
  await world.deliver(event, event)
  world.deps.live = live
  world.now.advance(batchFor)
  await sweep(world.deps)
  const inbox = typesOf(await world.inbox(person)).filter((found) => found === type).length
  const mails = (await world.stored.emails.find({ userId: person.userId, status: 'sent', 'content.type': type })).length
  return { inApp: inbox, live: pushed.length > 0, email: mails }
}

const flags = [true, false]
/** Every choice for one kind. */
const overrides = flags.flatMap((inApp) => flags.flatMap((live) => flags.map((email) => ({ inApp, live, email }))))
const withoutEmail = ['payment.succeeded', 'payment.failed']

describe('the preferences for one kind', () => {
  it.each(chosenTypes)('of %s override those of its category, in every channel', async (type) => {
    const world = aWorld()
    for (const override of overrides) {
      for (const category of [on, off]) {
        const person = world.person()
        const event = await causes[type](world, person)
        const body = { orders: category, catalogue: category, types: { [type]: override } }
        expect((await world.send(person, 'PUT', path, body)).status).toBe(200)
        const { inApp, live, email } = override
        expect(await channelsUsed(world, type, event, person), JSON.stringify(body)).toEqual({
          ...{ inApp: Number(inApp), live: inApp && live, email: Number(email) },
        })
      }
    }
  })

  it.each(chosenTypes)('of %s follow its category when none are chosen', async (type) => {
    const world = aWorld()
    for (const category of [on, off, { inApp: true, email: false }, { inApp: false, email: true }]) {
      const person = world.person()
      const event = await causes[type](world, person)
      await world.send(person, 'PUT', path, { orders: category, catalogue: category })
      expect(await channelsUsed(world, type, event, person)).toEqual({
        ...{ inApp: Number(category.inApp), live: category.inApp },
        email: Number(category.email && !withoutEmail.includes(type)),
      })
    }
  })

  it('show nothing live that is not in the inbox', () => {
    const types = { 'order.paid': { inApp: false, live: true } }
    expect(channelsOf({ ...defaultPreferences, types }, 'order.paid')).toEqual({ inApp: false, live: false, email: true })
  })

  it('do not apply to account notifications', async () => {
    const world = aWorld()
    const person = world.person()
    const types = Object.fromEntries(chosenTypes.map((type): [string, Override] => [type, { ...off, live: false }]))
    expect((await world.send(person, 'PUT', path, { orders: off, catalogue: off, types })).status).toBe(200)
    const { userId, sessionId } = person
    const stolen = anEvent('user.session_revoked', userId, { version: 1, userId, sessionId, reason: 'refresh_reuse' })
    expect(await channelsUsed(world, 'account.session_revoked', stolen, person)).toEqual({ inApp: 1, live: true, email: 1 })
  })

  it.each([
    { 'account.session_revoked': { email: false } },
    { 'order.lost': { email: false } },
    { 'order.paid': { sms: true } },
    { 'order.paid': false },
  ])('are refused when they are %j', async (types) => {
    const world = aWorld()
    const { status, json } = await world.send(world.person(), 'PUT', path, { orders: on, catalogue: on, types })
    expect([status, json.code]).toEqual([422, 'validation_failed'])
  })

  it('are read as they were written, can be sent back as they were read, and end when they are left out', async () => {
    const world = aWorld()
    const person = world.person()
    const types = { 'order.paid': { email: false }, 'stock.low': { inApp: true, live: false } }
    const written = await world.send(person, 'PUT', path, { orders: off, catalogue: on, types })
    expect(written.json).toMatchObject({ orders: off, types, locale: 'en', emailStatus: 'ok' })
    expect((await world.get(person, path)).json).toEqual(written.json)
    expect((await world.send(person, 'PUT', path, written.json)).json).toEqual(written.json)
    expect((await world.send(person, 'PUT', path, { orders: on, catalogue: on })).json.types).toEqual({})
  })
})
