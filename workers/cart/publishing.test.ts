import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { exports } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import type { CartApi } from '../../shared/contracts/cart'
import { AppError } from '../../shared/contracts/errors'
import type { ProductId } from '../../shared/contracts/ids'
import { resultOf } from '../../shared/contracts/outcome'
import type { CartDO } from './cart.do'
import { delays } from './schedule'
import { aLevel, alarmOf, anOffer, aShopperAdding, overrideDeps, runAlarm, stubOf } from './testing/fixtures'

const rpc = exports.CartRpc as unknown as CartApi
const codeOf = async (work: Promise<unknown>) =>
  AppError.from(await work.then(() => undefined).catch((error: unknown) => error))?.code

type ShopperAdding = Awaited<ReturnType<typeof aShopperAdding>>
const publishedVersions = ({ publisher }: Pick<ShopperAdding, 'publisher'>) =>
  publisher.ofType('cart.updated').map(({ data }) => data.version)

/** Holds back what a cart publishes until `open` is called. A promise of the cart's object cannot be awaited here, hence the polling. */
async function blockPublishing({ userId, publisher }: Pick<ShopperAdding, 'userId' | 'publisher'>) {
  const release = Promise.withResolvers<void>()
  let isReached = false
  await overrideDeps(userId, () => ({
    publish: async (events) => {
      isReached = true
      await release.promise
      await publisher.publish(events)
    },
  }))
  return { reached: () => vi.waitFor(() => expect(isReached).toBe(true)), open: release.resolve }
}

describe('changes at the same time', () => {
  it('all count, with one version each, and are published by one event', async () => {
    const { add, userId, cart, publisher, installFakes } = await aShopperAdding()
    const answers = await Promise.all(Array.from({ length: 20 }, () => add()))
    expect(answers.map(({ version, itemCount }) => [version, itemCount]).sort(([a = 0], [b = 0]) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, at) => [at + 1, at + 1]),
    )
    const found = await cart.snapshot(userId)
    expect([found.version, publisher.sent.length]).toEqual([20, 0])
    await runAlarm(userId)
    const published = publisher.ofType('cart.updated')
    expect(published.map(({ subject, data }) => [subject, data.version, data.itemCount])).toEqual([[found.id, 20, 20]])
    // Nothing is left to publish, not even for a new instance.
    await evictDurableObject(stubOf(userId))
    await installFakes()
    await runAlarm(userId)
    expect(publisher.sent).toHaveLength(1)
  })

  it('with the same If-Match: one wins, the others change nothing', async () => {
    const { add, userId, cart, publisher } = await aShopperAdding()
    const { version } = await add()
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => codeOf(add(1, { ifMatch: [version] }))))
    expect(outcomes.sort()).toEqual([...Array(4).fill('precondition_failed'), undefined])
    expect(await cart.snapshot(userId)).toMatchObject({ version: version + 1, itemCount: 2 })
    await runAlarm(userId)
    expect(publishedVersions({ publisher })).toEqual([version + 1])
  })
})

describe('a change', () => {
  it('is published at a fixed delay after the first unpublished change, however many follow', async () => {
    const { add, userId, clock, cart, caller, offer, publisher } = await aShopperAdding()
    const due = clock() + delays.publish
    await add()
    for (let at = 0; at < 4; at++) {
      clock.advance(40)
      await add()
      expect(await alarmOf(userId)).toBe(due)
    }
    await runAlarm(userId)
    expect(publishedVersions({ publisher })).toEqual([5])
    await cart.remove(caller, offer.variantId)
    expect(await alarmOf(userId)).toBe(clock() + delays.publish)
  })

  it('that happens while another is being sent is published afterwards, in order', async () => {
    const shopper = await aShopperAdding()
    const { reached, open } = await blockPublishing(shopper)
    await shopper.add()
    await shopper.add()
    const publishing = runAlarm(shopper.userId)
    await reached()
    await shopper.add()
    await shopper.add()
    expect(publishedVersions(shopper)).toEqual([])
    open()
    await publishing
    expect(publishedVersions(shopper)).toEqual([2, 4])
  })

  it('never reuses the outbox position of one that was sent', async () => {
    const { add, userId } = await aShopperAdding()
    const positions = () =>
      runInDurableObject(stubOf(userId), (_cart, { storage }) =>
        storage.sql
          .exec<{ position: number }>('SELECT position FROM outbox')
          .toArray()
          .map(({ position }) => position),
      )
    await add()
    await add()
    expect(await positions()).toEqual([1, 2])
    await runAlarm(userId)
    expect(await positions()).toEqual([])
    await add()
    expect(await positions()).toEqual([3])
  })

  it('is published at once while the alarm waits for another Worker', async () => {
    const { add, userId, clock, shop, publisher } = await aShopperAdding()
    await add()
    const answer = Promise.withResolvers<void>()
    let isAsked = false
    const registered: ProductId[] = []
    await overrideDeps(userId, ({ cartIndex }) => ({
      product: {
        quote: async (ids) => {
          isAsked = true
          await answer.promise
          return shop.product.quote(ids)
        },
      },
      cartIndex: { ...cartIndex, register: async (ids) => registered.push(...ids) >= 0 },
    }))
    clock.advance(delays.growth)
    const refreshing = runAlarm(userId)
    await vi.waitFor(() => expect(isAsked).toBe(true))
    const other = anOffer()
    await add(1, other)
    await vi.waitFor(() => expect(publishedVersions({ publisher })).toEqual([1, 2]))
    expect(registered).toContain(other.productId)
    answer.resolve()
    await refreshing
  })
})

describe('an event', () => {
  it('carries the whole cart as it is after the change', async () => {
    const { add, userId, publisher, caller } = await aShopperAdding()
    const { id, ...snapshot } = await add(2)
    await runAlarm(userId)
    const [event] = publisher.ofType('cart.updated')
    expect(event).toMatchObject({ source: '/workers/cart', subject: id, traceparent: caller.traceparent })
    expect(event?.data).toEqual({ ...snapshot, cartId: id, userId })
  })

  it('is not published for a command that changes nothing', async () => {
    const { add, userId, cart, clock, offer, caller, publisher } = await aShopperAdding()
    const before = await add(2)
    await runAlarm(userId)
    expect(resultOf(await cart.setQuantity(caller, offer.variantId, 2, aLevel(offer.variantId)))).toEqual(before)
    expect(await rpc.refresh(userId, [offer])).toEqual(before)
    expect(await alarmOf(userId)).toBe(clock() + delays.growth)
    await cart.clear(caller)
    await runAlarm(userId)
    await cart.clear(caller)
    expect(await runAlarm(userId)).toBe(false)
    expect(publishedVersions({ publisher })).toEqual([1, 2])
  })

  it('waits in the outbox while the publisher is down, through an eviction, until the alarm sends it', async () => {
    const { add, userId, cart, caller, clock, publisher, installFakes } = await aShopperAdding()
    publisher.down = true
    await add(2)
    await cart.clear(caller)
    await runAlarm(userId)
    await evictDurableObject(stubOf(userId))
    await installFakes()
    expect(await cart.snapshot(userId)).toMatchObject({ version: 2, itemCount: 0 })
    for (const _attempt of [1, 2]) {
      expect(await alarmOf(userId)).toBe(clock() + delays.retry)
      clock.advance(delays.retry)
      await runAlarm(userId)
    }
    expect(publisher.sent).toHaveLength(0)

    publisher.down = false
    clock.advance(delays.retry)
    await runAlarm(userId)
    expect(publishedVersions({ publisher })).toEqual([2])
    expect(await alarmOf(userId)).toBeNull()
  })

  it('whose sending was interrupted is sent before the next change, since some subscribers may have received it', async () => {
    const { add, userId, clock, publisher } = await aShopperAdding()
    publisher.down = true
    await add()
    await runAlarm(userId)
    publisher.down = false
    clock.advance(1_000)
    await add()
    expect(await alarmOf(userId)).toBe(clock() + delays.publish)
    await runAlarm(userId)
    expect(publishedVersions({ publisher })).toEqual([1, 2])
  })
})

describe('a crash', () => {
  it('between the write and the send leaves an alarm that sends', async () => {
    const { add, userId, clock, publisher, installFakes } = await aShopperAdding()
    await add()
    await runInDurableObject(stubOf(userId), (_cart, state) => state.abort('crashed')).catch(() => undefined)
    await installFakes()
    expect((await rpc.snapshot(userId)).version).toBe(1)
    expect(await alarmOf(userId)).toBe(clock() + delays.publish)
    await runAlarm(userId)
    expect(publishedVersions({ publisher })).toEqual([1])
  })

  it('during the send loses nothing: the platform repeats an alarm that did not end', async () => {
    const shopper = await aShopperAdding()
    const { reached } = await blockPublishing(shopper)
    await shopper.add()
    void runAlarm(shopper.userId).catch(() => undefined)
    await reached()
    await runInDurableObject(stubOf(shopper.userId), (_cart, state) => state.abort('crashed')).catch(() => undefined)
    await shopper.installFakes()
    await runInDurableObject(stubOf(shopper.userId), (cart: CartDO) => cart.alarm())
    expect(publishedVersions(shopper)).toEqual([1])
  })
})

describe('the index', () => {
  it('gets, with each event, the products that this instance has not registered, and none of an empty cart', async () => {
    const { add, userId, cart, caller, offer, installFakes } = await aShopperAdding()
    const other = anOffer()
    let registered: ProductId[] = []
    let isUp = false
    const register = async (ids: readonly ProductId[]) => registered.push(...ids) >= 0 && isUp
    const watchIndex = () => overrideDeps(userId, ({ cartIndex }) => ({ cartIndex: { ...cartIndex, register } }))
    const newlyRegistered = async () => {
      registered = []
      await runAlarm(userId)
      return [...registered].sort()
    }
    const both = [offer.productId, other.productId].sort()
    await watchIndex()
    await add()
    await add(1, other)
    expect(registered).toEqual([])
    expect(await newlyRegistered()).toEqual(both)
    isUp = true
    await add()
    expect(await newlyRegistered()).toEqual(both)
    await add()
    expect(await newlyRegistered()).toEqual([])
    await cart.remove(caller, other.variantId)
    await add(1, other)
    expect(await newlyRegistered()).toEqual([other.productId])
    await cart.clear(caller)
    expect(await newlyRegistered()).toEqual([])
    await add()
    await evictDurableObject(stubOf(userId))
    await installFakes()
    await watchIndex()
    await add(1, other)
    expect(await newlyRegistered()).toEqual(both)
  })
})
