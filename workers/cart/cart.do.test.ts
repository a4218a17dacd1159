import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { exports } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { CartApi } from '../../shared/contracts/cart'
import { newId } from '../../shared/contracts/ids'
import { delays } from './schedule'
import { aLevel, alarmOf, anOffer, aShopperAdding, overrideDeps, runAlarm, stubOf } from './testing/fixtures'

const rpc = exports.CartRpc as unknown as CartApi

describe('the alarm', () => {
  it('is set while the cart has lines, and not when it is empty', async () => {
    const { add, userId, cart, clock, caller } = await aShopperAdding()
    expect(await alarmOf(userId)).toBeNull()
    await add()
    expect(await alarmOf(userId)).toBe(clock() + delays.publish)
    await runAlarm(userId)
    expect(await alarmOf(userId)).toBe(clock() + delays.growth)
    clock.advance(delays.growth)
    await runAlarm(userId)
    expect(await alarmOf(userId)).toBe(clock() + delays.refresh)
    await cart.clear(caller)
    await runAlarm(userId)
    expect(await alarmOf(userId)).toBeNull()
  })

  it('refreshes again after a minute when product does not answer', async () => {
    const { add, userId, clock, shop } = await aShopperAdding()
    await add()
    shop.down = true
    clock.advance(delays.growth)
    await runAlarm(userId)
    expect(await alarmOf(userId)).toBe(clock() + delays.failure)
  })

  it('lets a change that happens during a refresh win over what the refresh read', async () => {
    const { add, userId, cart, clock, offer, caller, shop } = await aShopperAdding()
    await add()
    const { productId, variantId } = offer
    await overrideDeps(userId, ({ cartOf: through }) => ({
      product: {
        quote: async (ids) => {
          const quotes = await shop.product.quote(ids)
          await through(userId).applyUpdate(caller, { of: 'stock', productId, variantId, version: 9, availability: 'out' })
          await through(userId).add(caller, { ...offer, variantId: newId('var') }, aLevel(variantId), 1)
          return quotes
        },
      },
    }))
    clock.advance(delays.growth)
    await runAlarm(userId)
    expect((await cart.snapshot(userId)).items.map(({ status }) => status)).toEqual(['out', 'available'])
    const alarm = await alarmOf(userId)
    expect(alarm).toBe(clock() + delays.growth)
  })

  it('updates the cart when an event was lost', async () => {
    const { add, userId, cart, clock, shop, offer, publisher } = await aShopperAdding()
    await add()
    shop.change(offer.variantId, { title: 'Lost', unitPrice: { amount: 5, currency: 'USD' } })
    shop.stock(offer.variantId, 0)
    clock.advance(delays.growth)
    await runAlarm(userId)
    const { version, items } = await cart.snapshot(userId)
    expect([version, items]).toMatchObject([2, [{ title: 'Lost', unitPrice: { amount: 5 }, status: 'out' }]])
    shop.discontinue(offer.variantId)
    clock.advance(delays.refresh)
    await runAlarm(userId)
    expect(publisher.ofType('cart.updated').at(-1)?.data.items[0]?.status).toBe('gone')
  })
})

describe('an abandoned cart', () => {
  it('falls asleep after two days, and refreshes as soon as its shopper reads it', async () => {
    const { add, userId, cart, clock, shop, offer, publisher } = await aShopperAdding()
    await add()
    clock.advance(delays.sleep - 1)
    await runAlarm(userId)
    expect(await alarmOf(userId)).toBe(clock() + delays.refresh)
    clock.advance(delays.refresh)
    await runAlarm(userId)
    expect(await alarmOf(userId)).toBeNull()

    shop.discontinue(offer.variantId)
    expect((await rpc.snapshot(userId)).itemCount).toBe(1)
    expect(await alarmOf(userId)).toBeNull()
    expect((await cart.visit(userId)).items[0]?.status).toBe('available')
    await runAlarm(userId)
    expect(publisher.ofType('cart.updated').at(-1)?.data.items[0]?.status).toBe('gone')
    expect(await alarmOf(userId)).toBe(clock() + delays.refresh)
  })

  it('stays awake while its shopper reads it; an empty cart never wakes', async () => {
    const { add, userId, cart, clock, caller } = await aShopperAdding()
    await add()
    clock.advance(delays.sleep - 1)
    await cart.visit(userId)
    clock.advance(delays.sleep - 1)
    await runAlarm(userId)
    expect(await alarmOf(userId)).toBe(clock() + delays.refresh)
    await cart.clear(caller)
    await runAlarm(userId)
    await cart.visit(userId)
    expect(await alarmOf(userId)).toBeNull()
  })
})

describe('an order', () => {
  it('removes what it took once, while the shopper adds more', async () => {
    const { add, userId, offer } = await aShopperAdding()
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

  it('is remembered through an eviction, and forgotten after 30 days', async () => {
    const { add, userId, cart, clock, caller, offer, installFakes } = await aShopperAdding()
    const orderId = newId('ord')
    const lines = [{ variantId: offer.variantId, quantity: 1 }]
    await add(9)
    await rpc.checkedOut(userId, orderId, lines)
    await evictDurableObject(stubOf(userId))
    await installFakes()
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
  it('answers the cart at the quoted prices', async () => {
    const { add, userId, offer } = await aShopperAdding()
    await add(2)
    const dearer = { ...offer, productVersion: 2, unitPrice: { amount: 1500, currency: 'USD' as const } }
    expect(await rpc.refresh(userId, [dearer])).toMatchObject({ version: 2, subtotal: { amount: 3000, currency: 'USD' } })
    expect((await rpc.refresh(userId, [{ status: 'gone', variantId: offer.variantId }])).items[0]?.status).toBe('gone')
  })
})

it('refuses a call for another user than the one it belongs to', async () => {
  const { add, userId } = await aShopperAdding()
  await add()
  const stranger = newId('usr')
  const misled = runInDurableObject(stubOf(userId), (cart) => cart.snapshot(stranger))
  await expect(misled).rejects.toThrow(TypeError)
  expect(await rpc.snapshot(stranger)).toMatchObject({ version: 0, itemCount: 0 })
})
