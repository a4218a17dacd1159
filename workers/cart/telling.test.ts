import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { exports } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import type { CartApi } from '../../shared/contracts/cart'
import { AppError } from '../../shared/contracts/errors'
import type { ProductId } from '../../shared/contracts/ids'
import { resultOf } from '../../shared/contracts/outcome'
import type { CartDO } from './cart.do'
import { delays } from './schedule'
import { adding, aLevel, alarmOf, anOffer, furnish, stubOf, tell } from './testing/fixtures'

const rpc = exports.CartRpc as unknown as CartApi
const codeOf = async (work: Promise<unknown>) =>
  AppError.from(await work.then(() => undefined).catch((error: unknown) => error))?.code

type Adding = Awaited<ReturnType<typeof adding>>
const versionsTold = ({ publisher }: Pick<Adding, 'publisher'>) =>
  publisher.ofType('cart.updated').map(({ data }) => data.version)

/** Lets a cart publish no further than up to a gate. What a cart resolves cannot be awaited out here, hence the polling. */
async function gated({ userId, publisher }: Pick<Adding, 'userId' | 'publisher'>) {
  const gate = Promise.withResolvers<void>()
  let isReached = false
  await furnish(userId, () => ({
    publish: async (events) => {
      isReached = true
      await gate.promise
      await publisher.publish(events)
    },
  }))
  return { reached: () => vi.waitFor(() => expect(isReached).toBe(true)), open: gate.resolve }
}

describe('changes at the same time', () => {
  it('all count, with one version each, and are told by one event', async () => {
    const { add, userId, cart, publisher, equip } = await adding()
    const answers = await Promise.all(Array.from({ length: 20 }, () => add()))
    expect(answers.map(({ version, itemCount }) => [version, itemCount]).sort(([a = 0], [b = 0]) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, at) => [at + 1, at + 1]),
    )
    const found = await cart.snapshot(userId)
    expect([found.version, publisher.sent.length]).toEqual([20, 0])
    await tell(userId)
    const told = publisher.ofType('cart.updated')
    expect(told.map(({ subject, data }) => [subject, data.version, data.itemCount])).toEqual([[found.id, 20, 20]])
    // Nothing is left, not even for an instance that remembers nothing.
    await evictDurableObject(stubOf(userId))
    await equip()
    await tell(userId)
    expect(publisher.sent).toHaveLength(1)
  })

  it('with the same If-Match: one wins, the others change nothing', async () => {
    const { add, userId, cart, publisher } = await adding()
    const { version } = await add()
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => codeOf(add(1, { ifMatch: [version] }))))
    expect(outcomes.sort()).toEqual([...Array(4).fill('precondition_failed'), undefined])
    expect(await cart.snapshot(userId)).toMatchObject({ version: version + 1, itemCount: 2 })
    await tell(userId)
    expect(versionsTold({ publisher })).toEqual([version + 1])
  })
})

describe('a change', () => {
  it('is told 150 ms after the first that was not told, however many follow', async () => {
    const { add, userId, clock, cart, caller, offer, publisher } = await adding()
    const due = clock() + delays.gather
    await add()
    for (let at = 0; at < 4; at++) {
      clock.advance(40)
      await add()
      expect(await alarmOf(userId)).toBe(due)
    }
    await tell(userId)
    expect(versionsTold({ publisher })).toEqual([5])
    await cart.remove(caller, offer.variantId)
    expect(await alarmOf(userId)).toBe(clock() + delays.gather)
  })

  it('that comes while another is being sent is told afterwards, in order', async () => {
    const shopper = await adding()
    const { reached, open } = await gated(shopper)
    await shopper.add()
    await shopper.add()
    const telling = tell(shopper.userId)
    await reached()
    await shopper.add()
    await shopper.add()
    expect(versionsTold(shopper)).toEqual([])
    open()
    await telling
    expect(versionsTold(shopper)).toEqual([2, 4])
  })

  it('never takes the place in the outbox of one that was sent', async () => {
    const { add, userId } = await adding()
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
    await tell(userId)
    expect(await positions()).toEqual([])
    await add()
    expect(await positions()).toEqual([3])
  })

  it('is told at once while the alarm waits for somebody else', async () => {
    const { add, userId, clock, shop, publisher } = await adding()
    await add()
    const answer = Promise.withResolvers<void>()
    let isAsked = false
    const registered: ProductId[] = []
    await furnish(userId, ({ holders }) => ({
      product: {
        quote: async (ids) => {
          isAsked = true
          await answer.promise
          return shop.product.quote(ids)
        },
      },
      holders: { ...holders, register: async (ids) => registered.push(...ids) >= 0 },
    }))
    clock.advance(delays.growth)
    const looking = tell(userId)
    await vi.waitFor(() => expect(isAsked).toBe(true))
    const other = anOffer()
    await add(1, other)
    await vi.waitFor(() => expect(versionsTold({ publisher })).toEqual([1, 2]))
    expect(registered).toContain(other.productId)
    answer.resolve()
    await looking
  })
})

describe('an event', () => {
  it('tells the whole cart as it is after the change', async () => {
    const { add, userId, publisher, caller } = await adding()
    const { id, ...snapshot } = await add(2)
    await tell(userId)
    const [event] = publisher.ofType('cart.updated')
    expect(event).toMatchObject({ source: '/workers/cart', subject: id, traceparent: caller.traceparent })
    expect(event?.data).toEqual({ ...snapshot, cartId: id, userId })
  })

  it('is not made of a change that changes nothing', async () => {
    const { add, userId, cart, clock, offer, caller, publisher } = await adding()
    const before = await add(2)
    await tell(userId)
    expect(resultOf(await cart.setQuantity(caller, offer.variantId, 2, aLevel(offer.variantId)))).toEqual(before)
    expect(await rpc.refresh(userId, [offer])).toEqual(before)
    expect(await alarmOf(userId)).toBe(clock() + delays.growth)
    await cart.clear(caller)
    await tell(userId)
    await cart.clear(caller)
    expect(await tell(userId)).toBe(false)
    expect(versionsTold({ publisher })).toEqual([1, 2])
  })

  it('waits in the outbox while the publisher is down, through an eviction, and goes with the alarm', async () => {
    const { add, userId, cart, caller, clock, publisher, equip } = await adding()
    publisher.down = true
    await add(2)
    await cart.clear(caller)
    await tell(userId)
    await evictDurableObject(stubOf(userId))
    await equip()
    expect(await cart.snapshot(userId)).toMatchObject({ version: 2, itemCount: 0 })
    for (const _attempt of [1, 2]) {
      expect(await alarmOf(userId)).toBe(clock() + delays.pending)
      clock.advance(delays.pending)
      await tell(userId)
    }
    expect(publisher.sent).toHaveLength(0)

    publisher.down = false
    clock.advance(delays.pending)
    await tell(userId)
    expect(versionsTold({ publisher })).toEqual([2])
    expect(await alarmOf(userId)).toBeNull()
  })

  it('whose sending broke off goes before the next change, since somebody may have heard of it', async () => {
    const { add, userId, clock, publisher } = await adding()
    publisher.down = true
    await add()
    await tell(userId)
    publisher.down = false
    clock.advance(1_000)
    await add()
    expect(await alarmOf(userId)).toBe(clock() + delays.gather)
    await tell(userId)
    expect(versionsTold({ publisher })).toEqual([1, 2])
  })
})

describe('a crash', () => {
  it('between the write and the send leaves an alarm that sends', async () => {
    const { add, userId, clock, publisher, equip } = await adding()
    await add()
    await runInDurableObject(stubOf(userId), (_cart, state) => state.abort('crashed')).catch(() => undefined)
    await equip()
    expect((await rpc.snapshot(userId)).version).toBe(1)
    expect(await alarmOf(userId)).toBe(clock() + delays.gather)
    await tell(userId)
    expect(versionsTold({ publisher })).toEqual([1])
  })

  it('while it sends loses nothing: the platform runs an alarm again that did not end', async () => {
    const shopper = await adding()
    const { reached } = await gated(shopper)
    await shopper.add()
    void tell(shopper.userId).catch(() => undefined)
    await reached()
    await runInDurableObject(stubOf(shopper.userId), (_cart, state) => state.abort('crashed')).catch(() => undefined)
    await shopper.equip()
    await runInDurableObject(stubOf(shopper.userId), (cart: CartDO) => cart.alarm())
    expect(versionsTold(shopper)).toEqual([1])
  })
})

describe('the index', () => {
  it('hears with the event what this instance has not registered, and nothing of an empty cart', async () => {
    const { add, userId, cart, caller, offer, equip } = await adding()
    const other = anOffer()
    let registered: ProductId[] = []
    let isUp = false
    const register = async (ids: readonly ProductId[]) => registered.push(...ids) >= 0 && isUp
    const listen = () => furnish(userId, ({ holders }) => ({ holders: { ...holders, register } }))
    const heard = async () => {
      registered = []
      await tell(userId)
      return [...registered].sort()
    }
    const both = [offer.productId, other.productId].sort()
    await listen()
    await add()
    await add(1, other)
    expect(registered).toEqual([])
    expect(await heard()).toEqual(both)
    isUp = true
    await add()
    expect(await heard()).toEqual(both)
    await add()
    expect(await heard()).toEqual([])
    await cart.remove(caller, other.variantId)
    await add(1, other)
    expect(await heard()).toEqual([other.productId])
    await cart.clear(caller)
    expect(await heard()).toEqual([])
    await add()
    await evictDurableObject(stubOf(userId))
    await equip()
    await listen()
    await add(1, other)
    expect(await heard()).toEqual(both)
  })
})
