import { describe, expect, it } from 'vitest'
import { AppError } from '../../../shared/contracts/errors'
import type { Envelope } from '../../../shared/contracts/events'
import { newId } from '../../../shared/contracts/ids'
import { anEvent } from '../../../shared/testing/factories'
import { sweep } from '../sweep'
import { anOrder, aWorld, typesOf } from '../testing/fixtures'
import { deliverWithin } from './delivery'

const path = '/v1/notifications/preferences'
const byEmailOnly = { inApp: false, email: true }

/** A world whose provider throws `fails` or accepts the e-mail, and a buyer who gets notifications of orders by e-mail only. */
async function aFailingWorld() {
  const world = aWorld({ ENVIRONMENT: 'production' })
  const provider = { fails: null as Error | null, calls: [] as string[], accepted: [] as string[] }
  world.deps.mailer = {
    send: async ({ id }) => {
      provider.calls.push(id)
      if (provider.fails) throw provider.fails
      provider.accepted.push(id)
      return {}
    },
  }
  const order = anOrder(world)
  await world.send(order.buyer, 'PUT', path, { orders: byEmailOnly, catalogue: byEmailOnly })
  const emailOf = async (userId: string = order.buyer.userId) => (await world.stored.emails.find({ userId }))[0]
  const deadLetterOf = async () => world.deps.deadLetters.findOne({ _id: `notification:${(await emailOf())?.deadLetterEventId}` })
  /** Sweeps every five minutes until the e-mail is no longer queued. */
  const sweepUntilDone = async () => {
    for (let minutes = 0; (await emailOf())?.status === 'queued' && minutes < 2 * 24 * 60; minutes += 5) {
      world.now.advance(5 * 60_000)
      await sweep(world.deps)
    }
  }
  return { world, provider, order, emailOf, deadLetterOf, sweepUntilDone }
}

const refusal = new AppError('bad_request', 'No such mailbox')

describe('an e-mail that fails', () => {
  it('is retried for a day with growing, jittered pauses, and then given up', async () => {
    const { world, provider, order, emailOf, sweepUntilDone } = await aFailingWorld()
    provider.fails = new Error('down')
    const started = world.now()
    await world.deliver(order.created)
    expect(await emailOf()).toMatchObject({ status: 'queued', attempts: 1, dueAt: started + 1_000, error: 'Error: down' })
    for (const [after, random, seconds] of [
      [1_000, 0, 2],
      [2_000, 0, 4],
      [4_000, 0.999, 5],
    ] as const) {
      world.deps.random = () => random
      world.now.advance(after)
      await sweep(world.deps)
      expect((await emailOf())?.dueAt).toBe(world.now() + seconds * 1_000)
    }
    world.deps.random = () => 0
    await sweepUntilDone()
    expect(await emailOf()).toMatchObject({ status: 'failed', failures: 1 })
    expect(world.now() - started).toBeLessThanOrEqual(deliverWithin)
    expect(world.now() - started).toBeGreaterThan(deliverWithin - 2 * 3_600_000)
    expect(provider.calls.length).toBeGreaterThan(25)
    expect(provider.calls.length).toBeLessThan(45)
    expect(new Set(provider.calls).size).toBe(1)
  })

  it('waits as long as the provider asks, and is given up when that is longer than a day', async () => {
    const { world, provider, order, emailOf } = await aFailingWorld()
    provider.fails = new AppError('too_many_requests', 'Slower', { retryAfter: 7_200 })
    await world.deliver(order.created)
    expect((await emailOf())?.dueAt).toBe(world.now() + 7_200_000)
    provider.fails = new AppError('too_many_requests', 'Come back in two days', { retryAfter: 48 * 3_600 })
    world.now.advance(7_200_000)
    await sweep(world.deps)
    expect(await emailOf()).toMatchObject({ status: 'failed', attempts: 2 })
  })

  it('is given up at once when it is refused for good', async () => {
    const { world, provider, order, emailOf, deadLetterOf } = await aFailingWorld()
    provider.fails = refusal
    await world.deliver(order.created)
    const email = await emailOf()
    expect([provider.calls.length, email?.status, email?.error]).toEqual([1, 'failed', 'AppError: No such mailbox'])
    expect(await deadLetterOf()).toMatchObject({
      ...{
        worker: 'notification',
        type: 'mail.retry_requested',
        eventId: email?.deadLetterEventId,
        state: 'waiting',
        parked: 1,
        attempts: 1,
      },
      ...{ error: 'AppError: No such mailbox', body: { subject: email?._id, data: { mailId: email?._id, version: 1 } } },
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

  it('is not added again to an inbox that has it already', async () => {
    const { world, provider, order } = await aFailingWorld()
    await world.send(order.buyer, 'PUT', path, { orders: { inApp: true, email: true }, catalogue: byEmailOnly })
    provider.fails = refusal
    await world.deliver(order.created)
    expect(typesOf(await world.inbox(order.buyer))).toEqual(['order.created'])
  })

  it('about the account is replaced in the inbox by a notice that it did not arrive, without its content', async () => {
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

  it.each([1, 2, 3, 4, 5, 6])(
    'is neither lost nor repeated when a crash comes %i round trips after the refusal',
    async (trip) => {
      const { world, provider, order, emailOf, deadLetterOf } = await aFailingWorld()
      provider.fails = refusal
      let last = Number.POSITIVE_INFINITY
      const { send } = world.deps.mailer ?? { send: () => Promise.reject(refusal) }
      world.deps.mailer = {
        send: (email) => {
          if (last === Number.POSITIVE_INFINITY) last = world.store.trips + trip
          return send(email)
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
      expect(await emailOf()).toMatchObject({ status: 'failed', failures: 1 })
      expect(typesOf(await world.inbox(order.buyer))).toEqual(['order.created'])
      expect(await deadLetterOf()).toMatchObject({ state: 'waiting', body: { data: { version: 1 } } })
      expect(await world.deps.deadLetters.find({ 'body.data.userId': order.buyer.userId })).toHaveLength(1)
    },
  )
})

describe('a redriven e-mail', () => {
  /** An e-mail that was given up, with its dead letter and the event that a redrive of it sends. */
  async function givenUp() {
    const made = await aFailingWorld()
    made.provider.fails = refusal
    await made.world.deliver(made.order.paid)
    const deadLetter = await made.deadLetterOf()
    made.provider.fails = null
    made.provider.calls.length = 0
    return { ...made, event: deadLetter?.body as Envelope<'mail.retry_requested'>, deadLetter }
  }

  it('goes out without repeating anything else of its event', async () => {
    const { world, provider, order, emailOf, event } = await givenUp()
    const before = await world.inbox(order.buyer)
    await world.deliver(event)
    expect(provider.accepted).toEqual([`${order.paid.id}:${order.buyer.userId}:order.paid`])
    expect(await emailOf()).toMatchObject({ status: 'sent', error: null })
    expect(await world.inbox(order.buyer)).toEqual(before)
    for (const seller of order.sellers) expect(await world.inbox(seller)).toHaveLength(1)
  })

  it('goes out once, however often the message is delivered', async () => {
    const { world, provider, event } = await givenUp()
    await Promise.all([1, 2, 3].map(() => world.deliver(event)))
    await world.deliver(event)
    world.now.advance(60_000)
    await sweep(world.deps)
    expect(provider.accepted).toHaveLength(1)
  })

  it('is tried for another day, and waits in the same dead letter when it fails again', async () => {
    const { world, provider, emailOf, deadLetterOf, event, deadLetter } = await givenUp()
    world.now.advance(3 * 24 * 3_600_000)
    provider.fails = refusal
    await world.deps.deadLetters.updateOne({ _id: deadLetter?._id }, { $set: { state: 'redriven' } })
    await world.deliver(event)
    expect(await emailOf()).toMatchObject({ status: 'failed', failures: 2 })
    expect(await deadLetterOf()).toMatchObject({
      _id: deadLetter?._id,
      state: 'waiting',
      parked: 2,
      body: { id: event.id, data: { version: 2 } },
    })
    // A late copy of the first redrive has no effect.
    provider.fails = null
    await world.deliver(event)
    expect([provider.accepted, (await emailOf())?.status]).toEqual([[], 'failed'])
  })

  it('is sent by the sweep after a crash right after it was queued', async () => {
    const { world, provider, event } = await givenUp()
    const last = world.store.trips + 1
    world.store.afterTrip = () => {
      if (world.store.trips === last) throw new Error('crash')
    }
    expect((await world.attempt(event)).retried).toHaveLength(1)
    await sweep(world.deps)
    await world.deliver(event)
    expect(provider.accepted).toHaveLength(1)
  })

  it('is parked again when it is deleted', async () => {
    const { world, event, deadLetter } = await givenUp()
    await world.stored.emails.deleteOne({ _id: event.data.mailId })
    await world.deliver(event)
    expect(await world.deps.deadLetters.findOne({ _id: deadLetter?._id })).toMatchObject({
      error: 'AppError: The e-mail is deleted',
    })
  })
})
