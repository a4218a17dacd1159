import { describe, expect, it, vi } from 'vitest'
import { AppError } from '../../shared/contracts/errors'
import { anActor, anEvent } from '../../shared/testing/factories'
import { sweep } from './sweep'
import { aWorld, stopTheClock, type World } from './testing/fixtures'

const now = Date.UTC(2026, 0, 1, 12)
const usd = (amount: number) => ({ amount, currency: 'USD' })
stopTheClock(now)

function aShopper(world = aWorld()) {
  const buyer = anActor('buyer')
  const variantId = world.market.sells(anActor('seller').userId, { amount: 1_000, stock: 5 })
  world.market.puts(buyer.userId, [[variantId, 2]])
  return { world, buyer, variantId, quote: async () => (await world.get(buyer, '/v1/orders/quote')).json }
}

/** cart.updated with the cart as it is now. */
async function cartUpdated(world: World, { userId }: { userId: `usr_${string}` }) {
  const { id, ...cart } = await world.market.cart.snapshot(userId)
  return anEvent('cart.updated', id, { cartId: id, ...cart })
}

describe('GET /v1/orders/quote', () => {
  it('answers the present cart with its total and no problems', async () => {
    const { buyer, variantId, quote } = aShopper()
    expect(await quote()).toMatchObject({
      ...{ cartVersion: 1, problems: [], checkedAt: '2026-01-01T12:00:00.000Z' },
      items: [{ variantId, quantity: 2, unitPrice: usd(1_000), lineTotal: usd(2_000) }],
      totals: { items: usd(2_000), shipping: usd(0), grand: usd(2_000) },
    })
    expect(buyer.role).toBe('buyer')
  })

  it('names repriced, gone and short lines as problems', async () => {
    const { world, buyer, variantId, quote } = aShopper()
    const [gone, short] = [0, 1].map(() => world.market.sells(anActor('seller').userId, { amount: 100, stock: 1 }))
    if (!gone || !short) throw new Error('nothing is sold')
    world.market.puts(buyer.userId, [
      [variantId, 2],
      [gone, 1],
      [short, 3],
    ])
    world.market.reprices(variantId, 900)
    world.market.withdraws(gone)
    const { items, totals, problems } = await quote()
    expect(problems).toEqual([
      { problem: 'price', variantId, was: usd(1_000), now: usd(900) },
      { problem: 'gone', variantId: gone, was: usd(100), now: null },
      { problem: 'short', variantId: short, asked: 3, available: 1 },
    ])
    expect([items.length, totals.grand]).toEqual([2, usd(2_100)])
  })

  it('answers an empty quote for an empty cart without asking product', async () => {
    const world = aWorld()
    const { json } = await world.get(anActor('guest'), '/v1/orders/quote')
    expect([json.items, json.totals, json.problems, world.market.quotesAsked()]).toEqual([[], null, [], 0])
  })

  it('holds no stock', async () => {
    const { world, variantId, quote } = aShopper()
    await quote()
    expect(world.market.inventory.stock.get(variantId)).toBe(5)
  })
})

describe('cart.updated', () => {
  it('prepares a quote that the route answers without asking product', async () => {
    const { world, buyer, quote } = aShopper()
    await world.receive(await cartUpdated(world, buyer))
    expect(world.market.quotesAsked()).toBe(1)
    expect((await quote()).totals.grand).toEqual(usd(2_000))
    expect(world.market.quotesAsked()).toBe(1)
  })

  it('prepares a quote that is not used for a later version of the cart', async () => {
    const { world, buyer, variantId, quote } = aShopper()
    await world.receive(await cartUpdated(world, buyer))
    world.market.puts(buyer.userId, [[variantId, 3]])
    expect((await quote()).totals.grand).toEqual(usd(3_000))
  })

  it('prepares a quote that is not used after half a minute, since stock moves without the cart', async () => {
    const { world, buyer, variantId, quote } = aShopper()
    await world.receive(await cartUpdated(world, buyer))
    world.market.inventory.stock.set(variantId, 1)
    vi.setSystemTime(now + 29_999)
    expect((await quote()).problems).toEqual([])
    vi.setSystemTime(now + 30_000)
    expect((await quote()).problems).toMatchObject([{ problem: 'short', available: 1 }])
  })

  it('does not replace a newer quote when it comes late, and may come twice', async () => {
    const { world, buyer, variantId } = aShopper()
    const older = await cartUpdated(world, buyer)
    world.market.puts(buyer.userId, [[variantId, 3]])
    const newer = await cartUpdated(world, buyer)
    await world.receive(newer)
    const kept = await world.deps.quotes.load(buyer.userId)
    vi.setSystemTime(now + 1_000)
    await world.receive(older)
    expect([kept?.cartVersion, await world.deps.quotes.load(buyer.userId)]).toEqual([2, kept])
    expect(await world.deps.deadLetters.findOne({ _id: `order:${older.id}` })).toBeNull()
    await world.receive(newer)
    expect(await world.deps.quotes.load(buyer.userId)).toEqual({ ...kept, checkedAt: now + 1_000 })
  })

  it('costs one call of the store, or none when the cart is empty', async () => {
    const { world, buyer } = aShopper()
    const event = await cartUpdated(world, buyer)
    const writes: string[] = []
    world.outside.beforeWrite = ({ collection }, { action }) => {
      writes.push(`${action} ${collection}`)
    }
    await world.receive(event)
    expect(writes).toEqual(['updateOne quotes'])
    world.market.puts(buyer.userId, [])
    await world.receive(await cartUpdated(world, buyer))
    expect(writes).toEqual(['updateOne quotes'])
  })

  it('never replaces the quote of a newer cart when both are checked at once', async () => {
    const { world, buyer, variantId } = aShopper()
    const older = await cartUpdated(world, buyer)
    world.market.puts(buyer.userId, [[variantId, 3]])
    const newer = await cartUpdated(world, buyer)
    const { quote } = world.market.product
    // While the older one is being checked, the newer one is checked and kept.
    world.market.product.quote = async (ids) => {
      world.market.product.quote = quote
      await world.receive(newer)
      return quote(ids)
    }
    await world.receive(older)
    expect((await world.deps.quotes.load(buyer.userId))?.cartVersion).toBe(2)
  })

  it('is retried while product does not answer', async () => {
    const { world, buyer } = aShopper()
    world.market.product.quote = async () => {
      throw new AppError('unavailable')
    }
    expect((await world.receive(await cartUpdated(world, buyer))).retried.length).toBe(1)
  })
})

it('deletes a quote after a day', async () => {
  const { world, buyer, quote } = aShopper()
  await quote()
  vi.setSystemTime(now + 24 * 3_600_000 + 1)
  await sweep(world.deps)
  expect(await world.deps.quotes.load(buyer.userId)).toBeNull()
})

it('checks prices again at checkout although a quote is ready', async () => {
  const { world, buyer, variantId, quote } = aShopper()
  await quote()
  world.market.reprices(variantId, 1_100)
  expect((await quote()).totals.grand).toEqual(usd(2_000))
  expect((await world.place(buyer)).json.code).toBe('cart_changed')
})
