import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { CartApi } from '../../shared/contracts/cart'
import { AppError } from '../../shared/contracts/errors'
import { newId, type UserId } from '../../shared/contracts/ids'
import { resultOf } from '../../shared/contracts/outcome'
import { depsFrom } from './deps'
import { delays } from './schedule'
import { aLevel, anOffer, aShopper, furnish, stubOf } from './testing'

const { cartOf } = depsFrom(env)
const rpc = exports.CartRpc as unknown as CartApi
const codeOf = async (work: Promise<unknown>) =>
  AppError.from(await work.then(() => undefined).catch((error: unknown) => error))?.code

/** A shopper and a way to add to the cart that asks nobody. */
async function adding() {
  const shopper = await aShopper()
  const cart = cartOf(shopper.userId)
  const offer = shopper.shop.sell()
  const add = async (quantity = 1, { ifMatch, ...other }: { ifMatch?: number[] } & Partial<typeof offer> = {}) => {
    const chosen = { ...offer, ...other }
    return resultOf(
      await cart.add({ ...shopper.caller, ...(ifMatch ? { ifMatch } : {}) }, chosen, aLevel(chosen.variantId), quantity),
    )
  }
  return { ...shopper, cart, offer, add }
}

describe('changes at the same time', () => {
  it('all count, with one version and one event each', async () => {
    const { add, userId, cart, publisher } = await adding()
    await Promise.all(Array.from({ length: 20 }, () => add()))
    const found = await cart.snapshot(userId)
    expect([found.version, found.itemCount]).toEqual([20, 20])
    const told = publisher.ofType('cart.updated')
    expect(told.map(({ data }) => [data.version, data.itemCount])).toEqual(
      Array.from({ length: 20 }, (_, at) => [at + 1, at + 1]),
    )
    expect(new Set(told.map(({ subject }) => subject))).toEqual(new Set([found.id]))
  })

  it('are told once each, in order, however slow the publisher is', async () => {
    const { add, userId, cart, publisher } = await adding()
    const gate = Promise.withResolvers<void>()
    await furnish(userId, () => ({ publish: (events) => gate.promise.then(() => publisher.publish(events)) }))
    const changes = Promise.all(Array.from({ length: 5 }, () => add()))
    // Calls on one stub arrive in order: by now all five are written and none is sent.
    expect([(await cart.snapshot(userId)).version, publisher.sent.length]).toEqual([5, 0])
    gate.resolve()
    await changes
    expect(publisher.ofType('cart.updated').map(({ data }) => data.version)).toEqual([1, 2, 3, 4, 5])
  })

  it('with the same If-Match: one wins, the others change nothing', async () => {
    const { add, userId, cart, publisher } = await adding()
    const { version } = await add()
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => codeOf(add(1, { ifMatch: [version] }))))
    expect(outcomes.sort()).toEqual([...Array(4).fill('precondition_failed'), undefined])
    expect(await cart.snapshot(userId)).toMatchObject({ version: version + 1, itemCount: 2 })
    expect(publisher.sent).toHaveLength(2)
  })
})

describe('an event', () => {
  it('tells the whole cart as it is after the change', async () => {
    const { add, userId, publisher, caller } = await adding()
    const { id, ...snapshot } = await add(2)
    const [event] = publisher.ofType('cart.updated')
    expect(event).toMatchObject({ source: '/workers/cart', subject: id, traceparent: caller.traceparent })
    expect(event?.data).toEqual({ ...snapshot, cartId: id, userId })
  })

  it('is not made of a change that changes nothing', async () => {
    const { add, userId, cart, offer, caller, publisher } = await adding()
    const before = await add(2)
    expect(resultOf(await cart.setQuantity(caller, offer.variantId, 2, aLevel(offer.variantId)))).toEqual(before)
    expect(await rpc.refresh(userId, [offer])).toEqual(before)
    await cart.clear(caller)
    await cart.clear(caller)
    expect(publisher.ofType('cart.updated').map(({ data }) => data.version)).toEqual([1, 2])
  })

  it('waits in the outbox while the publisher is down, through an eviction, and goes with the alarm', async () => {
    const { add, userId, cart, clock, publisher, equip } = await adding()
    publisher.down = true
    const answered = await add(2)
    await add(1)
    expect([answered.version, publisher.sent.length]).toEqual([1, 0])

    await evictDurableObject(stubOf(userId))
    await equip()
    expect(await cart.snapshot(userId)).toMatchObject({ version: 2, itemCount: 3 })
    clock.advance(delays.pending)
    expect(await runDurableObjectAlarm(stubOf(userId))).toBe(true)
    expect(publisher.sent).toHaveLength(0)

    publisher.down = false
    clock.advance(delays.pending)
    expect(await runDurableObjectAlarm(stubOf(userId))).toBe(true)
    expect(publisher.ofType('cart.updated').map(({ data }) => data.version)).toEqual([1, 2])
    clock.advance(delays.pending)
    await runDurableObjectAlarm(stubOf(userId))
    expect(publisher.sent).toHaveLength(2)
  })
})

describe('a crash between the write and the send', () => {
  it('leaves an alarm that sends', async () => {
    const { add, userId, cart, clock, publisher, equip } = await adding()
    await furnish(userId, () => ({ publish: () => new Promise<never>(() => undefined) }))
    const lost = add().catch((error: unknown) => error)
    expect((await cart.snapshot(userId)).version).toBe(1)
    await runInDurableObject(stubOf(userId), (_cart, state) => state.abort('crashed')).catch(() => undefined)
    expect(await lost).toBeInstanceOf(Error)
    await equip()
    clock.advance(delays.pending)
    expect(await runDurableObjectAlarm(stubOf(userId))).toBe(true)
    expect(publisher.ofType('cart.updated').map(({ data }) => data.version)).toEqual([1])
  })
})

describe('the alarm', () => {
  it('is set while there is something in the cart, and not for an empty one', async () => {
    const { add, userId, cart, clock, caller } = await adding()
    const alarm = () => runInDurableObject(stubOf(userId), (_cart, state) => state.storage.getAlarm())
    expect(await alarm()).toBeNull()
    await add()
    expect(await alarm()).toBe(clock() + delays.growth)
    clock.advance(delays.growth)
    await runDurableObjectAlarm(stubOf(userId))
    expect(await alarm()).toBe(clock() + delays.refresh)
    await cart.clear(caller)
    expect(await alarm()).toBeNull()
  })

  it('looks again soon when product does not answer', async () => {
    const { add, userId, clock, shop } = await adding()
    await add()
    shop.down = true
    clock.advance(delays.growth)
    await runDurableObjectAlarm(stubOf(userId))
    expect(await runInDurableObject(stubOf(userId), (_cart, state) => state.storage.getAlarm())).toBe(clock() + delays.failure)
  })

  it('lets what happens while it reads count for more than what it reads', async () => {
    const { add, userId, cart, clock, offer, caller, shop } = await adding()
    await add()
    const { productId, variantId } = offer
    await furnish(userId, ({ cartOf: through }) => ({
      product: {
        quote: async (ids) => {
          const quotes = await shop.product.quote(ids)
          await through(userId).learn(caller, { of: 'stock', productId, variantId, version: 9, availability: 'out' })
          await through(userId).add(caller, { ...offer, variantId: newId('var') }, aLevel(variantId), 1)
          return quotes
        },
      },
    }))
    clock.advance(delays.growth)
    await runDurableObjectAlarm(stubOf(userId))
    expect((await cart.snapshot(userId)).items.map(({ status }) => status)).toEqual(['out', 'available'])
    const alarm = await runInDurableObject(stubOf(userId), (_cart, state) => state.storage.getAlarm())
    expect(alarm).toBe(clock() + delays.growth)
  })

  it('brings the cart up to date when an event was lost', async () => {
    const { add, userId, cart, clock, shop, offer, publisher } = await adding()
    await add()
    shop.change(offer.variantId, { title: 'Lost', unitPrice: { amount: 5, currency: 'USD' } })
    shop.stock(offer.variantId, 0)
    clock.advance(delays.growth)
    await runDurableObjectAlarm(stubOf(userId))
    const { version, items } = await cart.snapshot(userId)
    expect([version, items]).toMatchObject([2, [{ title: 'Lost', unitPrice: { amount: 5 }, status: 'out' }]])
    shop.discontinue(offer.variantId)
    clock.advance(delays.refresh)
    await runDurableObjectAlarm(stubOf(userId))
    expect(publisher.ofType('cart.updated').at(-1)?.data.items[0]?.status).toBe('gone')
  })
})

describe('a cart that nobody comes back to', () => {
  const alarm = (userId: UserId) => runInDurableObject(stubOf(userId), (_cart, state) => state.storage.getAlarm())

  it('falls asleep after two days, and looks again as soon as its shopper does', async () => {
    const { add, userId, cart, clock, shop, offer, publisher } = await adding()
    await add()
    clock.advance(delays.sleep - 1)
    await runDurableObjectAlarm(stubOf(userId))
    expect(await alarm(userId)).toBe(clock() + delays.refresh)
    clock.advance(delays.refresh)
    await runDurableObjectAlarm(stubOf(userId))
    expect(await alarm(userId)).toBeNull()

    shop.discontinue(offer.variantId)
    expect((await rpc.snapshot(userId)).itemCount).toBe(1)
    expect(await alarm(userId)).toBeNull()
    expect((await cart.visit(userId)).items[0]?.status).toBe('available')
    await runDurableObjectAlarm(stubOf(userId))
    expect(publisher.ofType('cart.updated').at(-1)?.data.items[0]?.status).toBe('gone')
    expect(await alarm(userId)).toBe(clock() + delays.refresh)
  })

  it('stays awake while it is looked at, and an empty one is not woken', async () => {
    const { add, userId, cart, clock, caller } = await adding()
    await add()
    clock.advance(delays.sleep - 1)
    await cart.visit(userId)
    clock.advance(delays.sleep - 1)
    await runDurableObjectAlarm(stubOf(userId))
    expect(await alarm(userId)).toBe(clock() + delays.refresh)
    await cart.clear(caller)
    await cart.visit(userId)
    expect(await alarm(userId)).toBeNull()
  })
})

describe('an order', () => {
  it('empties the cart by what it took, once, while the shopper goes on adding', async () => {
    const { add, userId, offer } = await adding()
    const orderId = newId('ord')
    const other = anOffer()
    await add(3)
    const lines = [{ variantId: offer.variantId, quantity: 3 }]
    await Promise.all([add(1), rpc.checkedOut(userId, orderId, lines), add(2, other), rpc.checkedOut(userId, orderId, lines)])
    await rpc.checkedOut(userId, orderId, lines)
    const { items } = await rpc.snapshot(userId)
    expect(items.map(({ variantId, quantity }) => [variantId, quantity]).sort()).toEqual(
      [
        [offer.variantId, 1],
        [other.variantId, 2],
      ].sort(),
    )
  })

  it('is remembered through an eviction, and forgotten in the end', async () => {
    const { add, userId, cart, clock, caller, offer, equip } = await adding()
    const orderId = newId('ord')
    const lines = [{ variantId: offer.variantId, quantity: 1 }]
    await add(9)
    await rpc.checkedOut(userId, orderId, lines)
    await evictDurableObject(stubOf(userId))
    await equip()
    await rpc.checkedOut(userId, orderId, lines)
    expect(await cart.snapshot(userId)).toMatchObject({ itemCount: 8 })
    clock.advance(31 * 24 * 3_600_000)
    await cart.checkOut(caller, newId('ord'), [])
    const left = await runInDurableObject(
      stubOf(userId),
      (_cart, { storage }) => storage.sql.exec('SELECT order_id FROM checkouts').toArray().length,
    )
    expect(left).toBe(1)
  })
})

describe('a refresh', () => {
  it('answers the cart at the prices quoted', async () => {
    const { add, userId, offer } = await adding()
    await add(2)
    const dearer = { ...offer, productVersion: 2, unitPrice: { amount: 1500, currency: 'USD' as const } }
    expect(await rpc.refresh(userId, [dearer])).toMatchObject({ version: 2, subtotal: { amount: 3000, currency: 'USD' } })
    expect((await rpc.refresh(userId, [{ status: 'gone', variantId: offer.variantId }])).items[0]?.status).toBe('gone')
  })
})

it("never opens somebody else's cart, even when it is asked by a wrong name", async () => {
  const { add, userId } = await adding()
  await add()
  const stranger = newId('usr')
  const misled = runInDurableObject(stubOf(userId), (cart) => cart.snapshot(stranger))
  await expect(misled).rejects.toThrow(TypeError)
  expect(await rpc.snapshot(stranger)).toMatchObject({ version: 0, itemCount: 0 })
})
