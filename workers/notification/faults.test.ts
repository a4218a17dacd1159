import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { type StoreBindings, storeOf } from '../../shared/storage/store'
import { storeBindings } from '../../shared/testing/data'
import { type Faulty, faultBattery, faultyObjects, outcomeOf, outcomeOfMessage } from '../../shared/testing/fault-battery'
import { sweep } from './sweep'
import { anOrder, aWorld, type Order, typesOf } from './testing/fixtures'

/** A world with a database that can be made to fail. */
function onDatabase(fault: Faulty) {
  const { DATABASE } = storeBindings(storeOf(env as unknown as StoreBindings))
  const changed = { DATABASE: faultyObjects(DATABASE, fault) }
  return aWorld(changed as unknown as Partial<NotificationEnv>)
}

faultBattery('database', 'notification', {
  'notification order.created': async (fault) => {
    const world = onDatabase(fault)
    const { buyer, created } = anOrder(world)
    const consume = async () => outcomeOfMessage(await world.attempt(created))
    return {
      env: world.bindings,
      act: consume,
      recover: async () => {
        expect([await consume(), await consume()]).toEqual(['acked', 'acked'])
        expect(typesOf(await world.inbox(buyer))).toEqual(['order.created'])
      },
    }
  },

  'notification GET /v1/notifications': async (fault) => {
    const world = onDatabase(fault)
    const { buyer, created } = anOrder(world)
    await world.deliver(created)
    return {
      env: world.bindings,
      act: async () => outcomeOf(await world.get(buyer, '/v1/notifications')),
      recover: async () => expect(typesOf(await world.inbox(buyer))).toEqual(['order.created']),
    }
  },
})

/** A world with an e-mail provider that can be made to fail, and the distinct ids of the e-mails that reached it. */
function withProvider(fault: Faulty) {
  const ids = new Set<string>()
  const send = (email: EmailMessageBuilder) =>
    fault.through(async () => {
      ids.add(String(email.headers?.['X-Entity-Ref-ID']))
      return { messageId: 'm' }
    })
  const world = aWorld({ ENVIRONMENT: 'production', MAIL_FROM: 'shop@example.com', EMAIL: { send } })
  const statuses = async (...orders: Order[]) => {
    const userIds = orders.map(({ buyer }) => buyer.userId)
    return (await world.stored.emails.find({ userId: { $in: userIds } })).map(({ status }) => status)
  }
  const sweepLater = async () => {
    world.now.advance(10 * 60_000)
    await sweep(world.deps)
    return 'done' as const
  }
  return { world, ids, statuses, sweepLater }
}

faultBattery('email', 'notification', {
  'notification order.created': async (fault) => {
    const { world, ids, statuses, sweepLater } = withProvider(fault)
    const order = anOrder(world)
    return {
      env: world.bindings,
      act: async () => outcomeOfMessage(await world.attempt(order.created)),
      kept: async () => {
        expect(await statuses(order)).toEqual(['queued'])
        expect(typesOf(await world.inbox(order.buyer))).toEqual(['order.created'])
      },
      recover: async () => {
        await sweepLater()
        await sweepLater()
        expect([await statuses(order), ids.size]).toEqual([['sent'], 1])
      },
    }
  },

  'notification the sweep': async (fault) => {
    const { world, ids, statuses, sweepLater } = withProvider(fault)
    const orders = [anOrder(world), anOrder(world)]
    fault.does = 'error'
    await world.deliver(...orders.map(({ created }) => created))
    fault.does = 'well'
    return {
      env: world.bindings,
      act: sweepLater,
      kept: async () => expect(await statuses(...orders)).toEqual(['queued', 'queued']),
      recover: async () => {
        // The first e-mail must show that the provider is back before the others are tried.
        for (const _ of [1, 2]) await sweepLater()
        expect([await statuses(...orders), ids.size]).toEqual([['sent', 'sent'], 2])
      },
    }
  },
})
