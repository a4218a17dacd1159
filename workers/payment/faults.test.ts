import { runDurableObjectAlarm } from 'cloudflare:test'
import { expect } from 'vitest'
import {
  type Faulty,
  type FlowCase,
  faultBattery,
  faultyObjects,
  outcomeOf,
  outcomeOfMessage,
} from '../../shared/testing/fault-battery'
import { sweep } from './sweep'
import {
  type AnOrder,
  anOrder,
  aPaidPayment,
  aPayment,
  aWorld,
  balanceOf,
  confirm,
  providerIntent,
  type World,
} from './testing/fixtures'

const minute = 60_000

/** Runs the reconciler when it is due. */
async function reconcile(world: World): Promise<void> {
  world.clock.advance(2 * minute)
  await sweep(world.deps)
}

/** Lets the sandbox decide and send its webhook. */
const decided = async (world: World, order: AnOrder) => {
  await runDurableObjectAlarm(await world.stub(order.orderId))
  await reconcile(world)
}

async function expectPaidOnce(world: World, order: AnOrder): Promise<void> {
  expect(await world.payment(order.orderId)).toMatchObject({ status: 'succeeded' })
  expect(await balanceOf(world, order)).toEqual({ provider_clearing: 5_000, platform_payable: -5_000, transactions: 1 })
  expect(world.sentTo(order.orderId)).toEqual(['payment.succeeded'])
}

/** A signed webhook that was not applied yet. */
async function aWebhook(world: World, order: AnOrder) {
  world.receive = () => new Response(null, { status: 500 })
  await confirm(world, order)
  await runDurableObjectAlarm(await world.stub(order.orderId))
  const { headers, body } = world.posted.at(-1) ?? {}
  return () => world.call('POST', '/v1/payments/webhooks/sandbox', { raw: body ?? '', headers: headers ?? {} })
}

const status = async (world: World, { orderId }: AnOrder) => (await world.payment(orderId)).status

const withProvider = (fault: Faulty) => aWorld(({ SANDBOX }) => ({ SANDBOX: faultyObjects(SANDBOX, fault) }))

faultBattery('payment-provider', 'payment', {
  'payment order.created': async (fault) => {
    const world = withProvider(fault)
    const order = anOrder(world)
    const deliver = async () => outcomeOfMessage(await world.deliver(order.created))
    return {
      env: world.env,
      act: deliver,
      kept: async () => expect(await status(world, order)).toBe('created'),
      recover: async () => {
        expect(await deliver()).toBe('acked')
        expect(await world.payment(order.orderId)).toMatchObject({ status: 'requires_payment_method', dueAt: null })
        // The reconciler asks too, and there is still one intent.
        const { intentId } = await world.payment(order.orderId)
        await reconcile(world)
        expect(await providerIntent(world, order)).toMatchObject({ id: intentId, status: 'requires_payment_method' })
      },
    }
  },

  'payment POST /v1/payments/{orderId}/confirm': async (fault) => {
    const world = withProvider(fault)
    const order = await aPayment(world)
    return {
      env: world.env,
      act: async () => outcomeOf(await confirm(world, order)),
      kept: async () => expect(await status(world, order)).toBe('processing'),
      recover: async () => {
        await reconcile(world)
        await decided(world, order)
        await expectPaidOnce(world, order)
      },
    }
  },

  'payment POST /v1/payments/{orderId}/confirm before there is an intent': async (fault) => {
    const world = withProvider(fault)
    const order = anOrder(world)
    return {
      env: world.env,
      act: async () => outcomeOf(await confirm(world, order)),
      kept: async () => expect(await status(world, order)).toBe('created'),
      recover: async () => {
        expect((await confirm(world, order)).status).toBe(202)
        await world.pace(await world.intentId(order.orderId))
        await decided(world, order)
        await expectPaidOnce(world, order)
      },
    }
  },

  'payment POST /v1/payments/{orderId}/refunds': async (fault) => {
    const world = withProvider(fault)
    const order = await aPaidPayment(world)
    const refunds = async () => (await world.payment(order.orderId)).refunds
    return {
      env: world.env,
      act: async () => outcomeOf(await world.refund(order.orderId, 1_000)),
      kept: async () => expect(await refunds()).toMatchObject([{ amount: 1_000, status: 'pending' }]),
      recover: async () => {
        await reconcile(world)
        expect(await refunds()).toMatchObject([{ amount: 1_000, status: 'succeeded' }])
        expect((await providerIntent(world, order))?.refunds).toHaveLength(1)
        expect(await balanceOf(world, order)).toEqual({ provider_clearing: 4_000, platform_payable: -4_000, transactions: 2 })
      },
    }
  },

  'payment order.canceled': async (fault) => {
    const world = withProvider(fault)
    const order = await aPayment(world)
    const canceled = order.canceled()
    return {
      env: world.env,
      act: async () => outcomeOfMessage(await world.deliver(canceled)),
      kept: async () => expect((await confirm(world, order)).json.code).toBe('invalid_state'),
      recover: async () => {
        expect(outcomeOfMessage(await world.deliver(canceled))).toBe('acked')
        expect(await providerIntent(world, order)).toMatchObject({ status: 'canceled' })
      },
    }
  },

  'payment the reconciler': async (fault) => {
    const world = withProvider(fault)
    const order = await aPayment(world)
    // The sandbox has decided, and its webhook is lost.
    await aWebhook(world, order)
    return {
      env: world.env,
      act: async () => {
        await reconcile(world)
        return 'done'
      },
      kept: async () => expect(await status(world, order)).toBe('processing'),
      recover: async () => {
        for (const _ of [1, 2]) await reconcile(world)
        await expectPaidOnce(world, order)
      },
    }
  },

  'payment POST /v1/payments/webhooks/{provider}': async (fault) => {
    const world = withProvider(fault)
    const order = await aPayment(world)
    const post = await aWebhook(world, order)
    return {
      env: world.env,
      asksNothing: true,
      act: async () => outcomeOf(await post()),
      kept: () => expectPaidOnce(world, order),
      recover: () => expectPaidOnce(world, order),
    }
  },
})

/** A payment on a faulty database. */
async function onDatabase(fault: Faulty) {
  const world = aWorld(({ DATABASE }) => ({ DATABASE: faultyObjects(DATABASE, fault) }))
  return { world, order: await aPayment(world) }
}

faultBattery('database', 'payment', {
  'payment POST /v1/payments/{orderId}/confirm': async (fault): Promise<FlowCase> => {
    const { world, order } = await onDatabase(fault)
    return {
      env: world.env,
      act: async () => outcomeOf(await confirm(world, order)),
      kept: async () => expect(await status(world, order)).toBe('requires_payment_method'),
      recover: async () => {
        expect((await confirm(world, order)).status).toBe(202)
        await decided(world, order)
        await expectPaidOnce(world, order)
      },
    }
  },

  'payment POST /v1/payments/webhooks/{provider}': async (fault) => {
    const { world, order } = await onDatabase(fault)
    const post = await aWebhook(world, order)
    return {
      env: world.env,
      act: async () => outcomeOf(await post()),
      kept: async () => expect(await status(world, order)).toBe('processing'),
      recover: async () => {
        for (const _ of [1, 2]) expect((await post()).status).toBe(200)
        await expectPaidOnce(world, order)
      },
    }
  },
})
