import { describe, expect, it } from 'vitest'
import { AppError } from '../../../shared/contracts/errors'
import type { Envelope } from '../../../shared/contracts/events'
import { newId } from '../../../shared/contracts/ids'
import { anEvent } from '../../../shared/testing/factories'
import { sweep } from '../sweep'
import { anOrder, aWorld, typesOf } from '../testing/fixtures'
import { deliverWithin } from './delivery'

const path = '/v1/notifications/preferences'
const byMailAlone = { inApp: false, email: true }

/** A world whose provider refuses for good, fails, or takes what it gets, and somebody who wants to hear of orders by mail alone. */
async function aFailingWorld() {
  const world = aWorld({ ENVIRONMENT: 'production' })
  const provider = { fails: null as Error | null, asked: [] as string[], taken: [] as string[] }
  world.deps.mailer = {
    send: async ({ id }) => {
      provider.asked.push(id)
      if (provider.fails) throw provider.fails
      provider.taken.push(id)
      return {}
    },
  }
  const order = anOrder(world)
  await world.send(order.buyer, 'PUT', path, { orders: byMailAlone, catalogue: byMailAlone })
  const mailOf = async (userId: string = order.buyer.userId) => (await world.stored.emails.find({ userId }))[0]
  const letterOf = async () => world.deps.deadLetters.findOne({ _id: `notification:${(await mailOf())?.letterId}` })
  /** Sweeps every minute until nothing is queued any more. */
  const tryOn = async () => {
    for (let minutes = 0; (await mailOf())?.status === 'queued' && minutes < 2 * 24 * 60; minutes += 5) {
      world.now.advance(5 * 60_000)
      await sweep(world.deps)
    }
  }
  return { world, provider, order, mailOf, letterOf, tryOn }
}

const refusal = new AppError('bad_request', 'No such mailbox')

describe('a mail that fails', () => {
  it('is tried less and less often for a day, with jitter, then given up', async () => {
    const { world, provider, order, mailOf, tryOn } = await aFailingWorld()
    provider.fails = new Error('down')
    const begun = world.now()
    await world.deliver(order.created)
    expect(await mailOf()).toMatchObject({ status: 'queued', attempts: 1, dueAt: begun + 1_000, error: 'Error: down' })
    for (const [after, random, seconds] of [
      [1_000, 0, 2],
      [2_000, 0, 4],
      [4_000, 0.999, 5],
    ] as const) {
      world.deps.random = () => random
      world.now.advance(after)
      await sweep(world.deps)
      expect((await mailOf())?.dueAt).toBe(world.now() + seconds * 1_000)
    }
    world.deps.random = () => 0
    await tryOn()
    expect(await mailOf()).toMatchObject({ status: 'failed', failures: 1 })
    expect(world.now() - begun).toBeLessThanOrEqual(deliverWithin)
    expect(world.now() - begun).toBeGreaterThan(deliverWithin - 2 * 3_600_000)
    expect(provider.asked.length).toBeGreaterThan(25)
    expect(provider.asked.length).toBeLessThan(45)
    expect(new Set(provider.asked).size).toBe(1)
  })

  it('waits as long as the provider says, and is given up when that is longer than it is news', async () => {
    const { world, provider, order, mailOf } = await aFailingWorld()
    provider.fails = new AppError('too_many_requests', 'Slower', { retryAfter: 7_200 })
    await world.deliver(order.created)
    expect((await mailOf())?.dueAt).toBe(world.now() + 7_200_000)
    provider.fails = new AppError('too_many_requests', 'Come back in two days', { retryAfter: 48 * 3_600 })
    world.now.advance(7_200_000)
    await sweep(world.deps)
    expect(await mailOf()).toMatchObject({ status: 'failed', attempts: 2 })
  })

  it('is given up at once when it is refused for good', async () => {
    const { world, provider, order, mailOf, letterOf } = await aFailingWorld()
    provider.fails = refusal
    await world.deliver(order.created)
    const mail = await mailOf()
    expect([provider.asked.length, mail?.status, mail?.error]).toEqual([1, 'failed', 'AppError: No such mailbox'])
    expect(await letterOf()).toMatchObject({
      ...{
        worker: 'notification',
        type: 'mail.retry_requested',
        eventId: mail?.letterId,
        state: 'waiting',
        parked: 1,
        attempts: 1,
      },
      ...{ error: 'AppError: No such mailbox', body: { subject: mail?._id, data: { mailId: mail?._id, version: 1 } } },
    })
  })

  it('is found in the inbox instead, once, and on open devices', async () => {
    const { world, provider, order } = await aFailingWorld()
    const device = await world.device(order.buyer)
    provider.fails = refusal
    await world.deliver(order.created, order.created)
    await sweep(world.deps)
    const inbox = await world.inbox(order.buyer)
    expect(inbox.map(({ type, title, data }) => [type, title, data])).toEqual([
      ['order.created', `Order ${order.number} is placed`, { orderId: order.orderId, number: order.number }],
    ])
    expect((await device.frame('notification.created')).data).toEqual(inbox[0])
  })

  it('is not told again to somebody who has it in the inbox', async () => {
    const { world, provider, order } = await aFailingWorld()
    await world.send(order.buyer, 'PUT', path, { orders: { inApp: true, email: true }, catalogue: byMailAlone })
    provider.fails = refusal
    await world.deliver(order.created)
    expect(typesOf(await world.inbox(order.buyer))).toEqual(['order.created'])
  })

  it('about the account tells in the inbox that it did not come, and not what it held', async () => {
    const { world, provider } = await aFailingWorld()
    provider.fails = refusal
    const person = world.person()
    const { userId } = person
    const requestId = newId('req')
    world.tokens.set(requestId, 'secret-token')
    await world.deliver(anEvent('user.password_reset_requested', userId, { version: 1, userId, requestId }))
    const inbox = await world.inbox(person)
    expect(typesOf(inbox)).toEqual(['account.mail_undelivered'])
    expect(inbox[0]?.body).toContain('“Choose a new password”')
    expect(JSON.stringify([inbox, await world.deps.deadLetters.find({})])).not.toContain('secret-token')
  })

  it.each([1, 2, 3, 4, 5, 6])('loses and repeats nothing when a crash comes %i round trips after the refusal', async (trip) => {
    const { world, provider, order, mailOf, letterOf } = await aFailingWorld()
    provider.fails = refusal
    let last = Number.POSITIVE_INFINITY
    const { send } = world.deps.mailer ?? { send: () => Promise.reject(refusal) }
    world.deps.mailer = {
      send: (letter) => {
        if (last === Number.POSITIVE_INFINITY) last = world.store.trips + trip
        return send(letter)
      },
    }
    world.store.afterTrip = () => {
      if (world.store.trips === last) throw new Error('crash')
    }
    await world.attempt(order.created)
    for (let times = 0; times < 3; times++) {
      world.now.advance(60_000)
      await sweep(world.deps).catch(() => {})
    }
    await world.deliver(order.created)
    expect(await mailOf()).toMatchObject({ status: 'failed', failures: 1 })
    expect(typesOf(await world.inbox(order.buyer))).toEqual(['order.created'])
    expect(await letterOf()).toMatchObject({ state: 'waiting', body: { data: { version: 1 } } })
    expect(await world.deps.deadLetters.find({ 'body.data.userId': order.buyer.userId })).toHaveLength(1)
  })
})

describe('a redriven mail', () => {
  /** A mail that was given up, and the letter about it as an operator redrives it. */
  async function givenUp() {
    const made = await aFailingWorld()
    made.provider.fails = refusal
    await made.world.deliver(made.order.paid)
    const letter = await made.letterOf()
    made.provider.fails = null
    made.provider.asked.length = 0
    return { ...made, event: letter?.body as Envelope<'mail.retry_requested'>, letter }
  }

  it('goes out, and nothing else of its event does', async () => {
    const { world, provider, order, mailOf, event } = await givenUp()
    const before = await world.inbox(order.buyer)
    await world.deliver(event)
    expect(provider.taken).toEqual([`${order.paid.id}:${order.buyer.userId}:order.paid`])
    expect(await mailOf()).toMatchObject({ status: 'sent', error: null })
    expect(await world.inbox(order.buyer)).toEqual(before)
    for (const seller of order.sellers) expect(await world.inbox(seller)).toHaveLength(1)
  })

  it('goes out once, however often the message comes', async () => {
    const { world, provider, event } = await givenUp()
    await Promise.all([1, 2, 3].map(() => world.deliver(event)))
    await world.deliver(event)
    world.now.advance(60_000)
    await sweep(world.deps)
    expect(provider.taken).toHaveLength(1)
  })

  it('has a day again, and waits in the same letter when it fails again', async () => {
    const { world, provider, mailOf, letterOf, event, letter } = await givenUp()
    world.now.advance(3 * 24 * 3_600_000)
    provider.fails = refusal
    await world.deps.deadLetters.updateOne({ _id: letter?._id }, { $set: { state: 'redriven' } })
    await world.deliver(event)
    expect(await mailOf()).toMatchObject({ status: 'failed', failures: 2 })
    expect(await letterOf()).toMatchObject({
      _id: letter?._id,
      state: 'waiting',
      parked: 2,
      body: { id: event.id, data: { version: 2 } },
    })
    // A late copy of the first redrive asks for nothing any more.
    provider.fails = null
    await world.deliver(event)
    expect([provider.taken, (await mailOf())?.status]).toEqual([[], 'failed'])
  })

  it('is sent by the sweep when a crash came right after it was queued', async () => {
    const { world, provider, event } = await givenUp()
    const last = world.store.trips + 1
    world.store.afterTrip = () => {
      if (world.store.trips === last) throw new Error('crash')
    }
    expect((await world.attempt(event)).retried).toHaveLength(1)
    await sweep(world.deps)
    await world.deliver(event)
    expect(provider.taken).toHaveLength(1)
  })

  it('that is forgotten is parked again', async () => {
    const { world, event, letter } = await givenUp()
    await world.stored.emails.deleteOne({ _id: event.data.mailId })
    await world.deliver(event)
    expect(await world.deps.deadLetters.findOne({ _id: letter?._id })).toMatchObject({ error: 'AppError: The e-mail is deleted' })
  })
})
