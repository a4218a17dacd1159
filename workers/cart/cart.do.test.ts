import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { exports } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { CartApi } from '../../shared/contracts/cart'
import { newId } from '../../shared/contracts/ids'
import { delays } from './schedule'
import { adding, aLevel, alarmOf, anOffer, furnish, stubOf, tell } from './testing/fixtures'

const rpc = exports.CartRpc as unknown as CartApi

describe('the alarm', () => {
  it('is set while there is something in the cart, and not for an empty one', async () => {
    const { add, userId, cart, clock, caller } = await adding()
    expect(await alarmOf(userId)).toBeNull()
    await add()
    expect(await alarmOf(userId)).toBe(clock() + delays.gather)
    await tell(userId)
    expect(await alarmOf(userId)).toBe(clock() + delays.growth)
    clock.advance(delays.growth)
    await tell(userId)
    expect(await alarmOf(userId)).toBe(clock() + delays.refresh)
    await cart.clear(caller)
    await tell(userId)
    expect(await alarmOf(userId)).toBeNull()
  })

  it('looks again soon when product does not answer', async () => {
    const { add, userId, clock, shop } = await adding()
    await add()
    shop.down = true
    clock.advance(delays.growth)
    await tell(userId)
    expect(await alarmOf(userId)).toBe(clock() + delays.failure)
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
    await tell(userId)
    expect((await cart.snapshot(userId)).items.map(({ status }) => status)).toEqual(['out', 'available'])
    const alarm = await alarmOf(userId)
    expect(alarm).toBe(clock() + delays.growth)
  })

  it('brings the cart up to date when an event was lost', async () => {
    const { add, userId, cart, clock, shop, offer, publisher } = await adding()
    await add()
    shop.change(offer.variantId, { title: 'Lost', unitPrice: { amount: 5, currency: 'USD' } })
    shop.stock(offer.variantId, 0)
    clock.advance(delays.growth)
    await tell(userId)
    const { version, items } = await cart.snapshot(userId)
    expect([version, items]).toMatchObject([2, [{ title: 'Lost', unitPrice: { amount: 5 }, status: 'out' }]])
    shop.discontinue(offer.variantId)
    clock.advance(delays.refresh)
    await tell(userId)
    expect(publisher.ofType('cart.updated').at(-1)?.data.items[0]?.status).toBe('gone')
  })
})

describe('a cart that nobody comes back to', () => {
  it('falls asleep after two days, and looks again as soon as its shopper does', async () => {
    const { add, userId, cart, clock, shop, offer, publisher } = await adding()
    await add()
    clock.advance(delays.sleep - 1)
    await tell(userId)
    expect(await alarmOf(userId)).toBe(clock() + delays.refresh)
    clock.advance(delays.refresh)
    await tell(userId)
    expect(await alarmOf(userId)).toBeNull()

    shop.discontinue(offer.variantId)
    expect((await rpc.snapshot(userId)).itemCount).toBe(1)
    expect(await alarmOf(userId)).toBeNull()
    expect((await cart.visit(userId)).items[0]?.status).toBe('available')
    await tell(userId)
    expect(publisher.ofType('cart.updated').at(-1)?.data.items[0]?.status).toBe('gone')
    expect(await alarmOf(userId)).toBe(clock() + delays.refresh)
  })

  it('stays awake while it is looked at, and an empty one is not woken', async () => {
    const { add, userId, cart, clock, caller } = await adding()
    await add()
    clock.advance(delays.sleep - 1)
    await cart.visit(userId)
    clock.advance(delays.sleep - 1)
    await tell(userId)
    expect(await alarmOf(userId)).toBe(clock() + delays.refresh)
    await cart.clear(caller)
    await tell(userId)
    await cart.visit(userId)
    expect(await alarmOf(userId)).toBeNull()
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
