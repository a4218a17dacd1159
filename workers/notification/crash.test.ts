import { describe, expect, it } from 'vitest'
import { sweep } from './sweep'
import { anOrder, aWorld, typesOf } from './testing/fixtures'

describe('notifications of an order', () => {
  it('are completed after a crash, under the same ids, and the e-mail goes out even when pushing to devices fails', async () => {
    const world = aWorld()
    const order = anOrder(world)
    const live = world.deps.live
    let failures = 1
    world.deps.live = {
      ...live,
      of: (userId) => ({
        ...{ revoke: (revocation) => live.of(userId).revoke(revocation) },
        push: async (frames) => {
          if (frames.some(({ type }) => type === 'notification.created') && failures-- > 0) throw new Error('crash')
          await live.of(userId).push(frames)
        },
      }),
    }
    const device = await world.device(order.buyer)
    expect((await world.attempt(order.created)).retried).toHaveLength(1)
    expect(await world.mailbox(order.buyer.email)).toHaveLength(1)
    await world.deliver(order.created)
    const inbox = await world.inbox(order.buyer)
    expect(inbox).toHaveLength(1)
    expect((await device.frame('notification.created')).data.id).toBe(inbox[0]?.id)
    expect(await world.mailbox(order.buyer.email)).toHaveLength(1)
  })

  it.each([
    { survived: 1, retried: 1 },
    { survived: 2, retried: 1 },
    // By then only e-mails are left to send, and they wait for the sweep.
    { survived: 3, retried: 0 },
    { survived: 4, retried: 1 },
  ])(
    'are neither lost nor repeated when a crash comes after round trip $survived to the store',
    async ({ survived, retried }) => {
      const world = aWorld()
      const order = anOrder(world)
      const device = await world.device(order.buyer)
      const last = world.store.trips + survived
      world.store.afterTrip = () => {
        if (world.store.trips === last) throw new Error('crash')
      }
      expect((await world.attempt(order.paid)).retried).toHaveLength(retried)
      await world.deliver(order.paid)
      // E-mails whose delivery the crash interrupted wait until their lease is over.
      world.now.advance(60_000)
      await sweep(world.deps)
      const inbox = await world.inbox(order.buyer)
      expect(typesOf(inbox)).toEqual(['order.paid'])
      expect((await device.frame('notification.created')).data.id).toBe(inbox[0]?.id)
      const people = [order.buyer, ...order.sellers]
      for (const { email } of people) expect(await world.mailbox(email)).toHaveLength(1)
    },
  )

  it('are complete, with their e-mails, after the store fails between two writes of one round trip', async () => {
    const world = aWorld()
    const order = anOrder(world)
    const first = world.store.trips + 1
    world.store.afterTrip = () => {
      if (world.store.trips === first) world.store.cutNextAfter = 1
    }
    expect((await world.attempt(order.paid)).retried).toHaveLength(1)
    await world.deliver(order.paid)
    world.now.advance(60_000)
    await sweep(world.deps)
    for (const person of [order.buyer, ...order.sellers]) {
      expect(await world.inbox(person)).toHaveLength(1)
      expect(await world.mailbox(person.email)).toHaveLength(1)
    }
  })

  it('take four round trips to the store (two for a payment), and one call of each live session', async () => {
    const world = aWorld()
    const order = anOrder(world)
    await world.deliver(order.created)
    expect(world.store.trips).toBe(4)
    const live = world.deps.live
    const called: string[] = []
    world.deps.live = {
      ...live,
      of: (userId) => {
        called.push(userId)
        return live.of(userId)
      },
    }
    const before = world.store.trips
    await world.deliver(order.paid)
    expect(world.store.trips - before).toBe(4)
    expect(called.sort()).toEqual([order.buyer, ...order.sellers].map(({ userId }) => userId).sort())
    await world.deliver(order.succeeded)
    expect(world.store.trips - before).toBe(6)
  })
})
