import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import type { Actor } from '../../shared/contracts/actor'
import type { AuthApi } from '../../shared/contracts/auth'
import { AppError } from '../../shared/contracts/errors'
import { anActor } from '../../shared/testing/factories'
import { call } from '../../shared/testing/http'
import { depsFrom } from './deps'
import { app } from './routes'
import { delays } from './schedule'
import { aLevel, alarmOf, aShop, aShopper, furnish, stubOf, tell } from './testing/fixtures'
import type { CartVerbs } from './verbs'

const { cartOf } = depsFrom(env)

/** A guest and a buyer, with verbs that ask nobody, and the merge by HTTP. */
async function aPair() {
  const shop = aShop()
  const [guest, buyer] = [await aShopper(shop), await aShopper(shop)]
  const auth = {
    verifyAccessToken: async (token: string): Promise<Actor> => {
      if (token === 'expired') throw new AppError('token_expired')
      if (token === 'buyer') return anActor('buyer')
      if (token !== 'guest') throw new AppError('token_invalid')
      return anActor('guest', { userId: guest.userId })
    },
  } as unknown as AuthApi
  const merge = (guestToken = 'guest', headers: Record<string, string> = {}) =>
    call((request) => app.fetch(request, { ...env, AUTH: auth as unknown as Service }), 'POST', '/v1/cart/merge', {
      actor: anActor('buyer', { userId: buyer.userId }),
      body: { guestToken },
      headers,
    })
  const add = ({ caller, userId }: typeof guest, offer = shop.sell(), quantity = 1) =>
    cartOf(userId).add(caller, offer, aLevel(offer.variantId), quantity)
  const cartsOf = async () =>
    [await cartOf(guest.userId).snapshot(guest.userId), await cartOf(buyer.userId).snapshot(buyer.userId)] as const
  return { shop, guest, buyer, merge, add, cartsOf }
}

/** A way to the other carts that breaks off: before the lines are taken in, or after that but before the answer. */
const breakingOff = (when: 'before' | 'after') => (userId: `usr_${string}`) =>
  ({
    takeIn: async (...args: Parameters<CartVerbs['takeIn']>) => {
      if (when === 'after') await cartOf(userId).takeIn(...args)
      throw new AppError('unavailable')
    },
  }) as unknown as CartVerbs

describe('merging', () => {
  it('moves the lines of the guest, adds quantities up, and tells both', async () => {
    const { shop, guest, buyer, merge, add, cartsOf } = await aPair()
    const [both, onlyGuest] = [shop.sell(), shop.sell()]
    await add(buyer, both, 2)
    await add(guest, both, 98)
    await add(guest, onlyGuest, 3)
    const { status, json, headers } = await merge()
    expect([status, headers.get('etag')]).toEqual([200, '"2"'])
    expect(json.items.map((item: { variantId: string; quantity: number }) => [item.variantId, item.quantity])).toEqual([
      [both.variantId, 99],
      [onlyGuest.variantId, 3],
    ])
    const [theirs] = await cartsOf()
    expect([theirs.version, theirs.items]).toEqual([3, []])
    await tell(guest.userId)
    await tell(buyer.userId)
    expect(guest.publisher.ofType('cart.updated').map(({ data }) => [data.version, data.itemCount])).toEqual([[3, 0]])
    expect(buyer.publisher.ofType('cart.updated').map(({ data }) => [data.version, data.itemCount])).toEqual([[2, 102]])
  })

  it('does nothing more when it is repeated, one after the other or at once', async () => {
    const { guest, merge, add, cartsOf } = await aPair()
    await add(guest, undefined, 4)
    const answers = await Promise.all([merge(), merge(), merge()])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect((await merge()).json).toMatchObject({ version: 1, itemCount: 4 })
    expect((await cartsOf())[0]).toMatchObject({ version: 2, itemCount: 0 })
  })

  it('merges what the guest collects afterwards, too', async () => {
    const { guest, merge, add } = await aPair()
    await add(guest, undefined, 1)
    await merge()
    await add(guest, undefined, 2)
    expect((await merge()).json).toMatchObject({ itemCount: 3 })
  })

  it.each(['before', 'after'] as const)(
    'that breaks off %s the lines came in is finished by the next one, once',
    async (when) => {
      const { guest, merge, add, cartsOf, buyer } = await aPair()
      await add(guest, undefined, 4)
      await furnish(guest.userId, () => ({ cartOf: breakingOff(when) }))
      expect((await merge()).status).toBe(503)
      expect((await cartsOf())[1].itemCount).toBe(when === 'before' ? 0 : 4)
      await furnish(guest.userId, () => ({ cartOf }))
      expect((await merge()).json).toMatchObject({ version: 1, itemCount: 4 })
      await tell(buyer.userId)
      expect(buyer.publisher.sent).toHaveLength(1)
    },
  )

  it("is left alone by the alarm that tells of it, and is the alarm's after ten seconds only", async () => {
    const { guest, add, cartsOf, buyer } = await aPair()
    await add(guest, undefined, 4)
    const gate = Promise.withResolvers<void>()
    let asked = 0
    const slowly = (userId: `usr_${string}`) =>
      ({
        takeIn: async (...args: Parameters<CartVerbs['takeIn']>) => {
          asked++
          await gate.promise
          return cartOf(userId).takeIn(...args)
        },
      }) as unknown as CartVerbs
    await furnish(guest.userId, () => ({ cartOf: slowly }))
    const given = cartOf(guest.userId).giveTo(guest.caller, buyer.caller)
    await vi.waitFor(() => expect(asked).toBe(1))
    guest.clock.advance(delays.gather)
    await tell(guest.userId)
    expect([asked, guest.publisher.ofType('cart.updated').at(-1)?.data.itemCount]).toEqual([1, 0])
    expect(await alarmOf(guest.userId)).toBe(guest.clock() - delays.gather + delays.pending)
    gate.resolve()
    expect(await given).toBeNull()
    expect((await cartsOf()).map(({ itemCount }) => itemCount)).toEqual([0, 4])
    expect(await alarmOf(guest.userId)).toBeNull()
  })

  it.each(['before', 'after'] as const)(
    'that breaks off %s the lines came in is finished by the alarm, through evictions',
    async (when) => {
      const { guest, buyer, merge, add, cartsOf } = await aPair()
      await add(guest, undefined, 4)
      await furnish(guest.userId, () => ({ cartOf: breakingOff(when) }))
      expect((await merge()).status).toBe(503)
      guest.clock.advance(delays.pending)
      await tell(guest.userId)
      expect(await alarmOf(guest.userId)).toBe(guest.clock() + delays.pending)
      await evictDurableObject(stubOf(guest.userId))
      await evictDurableObject(stubOf(buyer.userId))
      await guest.equip()
      await buyer.equip()
      guest.clock.advance(delays.pending)
      expect(await tell(guest.userId)).toBe(true)
      const [theirs, mine] = await cartsOf()
      expect([theirs.itemCount, mine.itemCount, mine.version]).toEqual([0, 4, 1])
      // Nothing is left to do in the empty cart.
      expect(await tell(guest.userId)).toBe(false)
    },
  )
})

describe('a merge that is refused', () => {
  it.each([
    ['expired', 422, 'validation_failed'],
    ['nonsense', 422, 'validation_failed'],
    ['buyer', 403, 'forbidden'],
  ])('for the token %s changes nothing', async (token, status, code) => {
    const { guest, merge, add, cartsOf } = await aPair()
    await add(guest)
    expect(await merge(token)).toMatchObject({ status, json: { code } })
    expect((await cartsOf()).map(({ version }) => version)).toEqual([1, 0])
  })

  it('for its version or its currency changes neither cart', async () => {
    const { shop, guest, buyer, merge, add, cartsOf } = await aPair()
    await add(guest)
    expect(await merge('guest', { 'if-match': '"7"' })).toMatchObject({ status: 412, json: { code: 'precondition_failed' } })
    await add(buyer, shop.sell({ currency: 'EUR' }))
    expect(await merge()).toMatchObject({ status: 409, json: { code: 'currency_mismatch' } })
    expect((await cartsOf()).map(({ version }) => version)).toEqual([1, 1])
  })

  it('by a cart that changed in between gives the guest the lines back, and stays refused', async () => {
    const { shop, guest, buyer, add, cartsOf } = await aPair()
    await add(guest, undefined, 4)
    await add(buyer, shop.sell({ currency: 'EUR' }))
    expect(await cartOf(guest.userId).giveTo(guest.caller, buyer.caller)).toBe('currency_mismatch')
    const [theirs, mine] = await cartsOf()
    expect([theirs.itemCount, theirs.version, mine.itemCount]).toEqual([4, 3, 1])
  })

  it('gives no lines back into another currency, and is over with that', async () => {
    const { shop, guest, buyer, add, cartsOf } = await aPair()
    await add(guest, undefined, 4)
    await add(buyer, shop.sell({ currency: 'EUR' }))
    await furnish(guest.userId, () => ({ cartOf: breakingOff('after') }))
    await expect(cartOf(guest.userId).giveTo(guest.caller, buyer.caller)).rejects.toThrow(AppError)
    await add(guest, shop.sell({ currency: 'EUR' }))
    await furnish(guest.userId, () => ({ cartOf }))
    guest.clock.advance(delays.pending)
    await tell(guest.userId)
    expect((await cartsOf()).map(({ currency, itemCount }) => [currency, itemCount])).toEqual([
      ['EUR', 1],
      ['EUR', 1],
    ])
    const left = await runInDurableObject(stubOf(guest.userId), (_cart, { storage }) =>
      storage.sql.exec('SELECT merge_id FROM handouts').toArray(),
    )
    expect(left).toEqual([])
  })

  it('gives the lines back once, though the answer was lost and the other cart would take them by now', async () => {
    const { shop, guest, buyer, add, cartsOf } = await aPair()
    await add(guest, undefined, 4)
    await add(buyer, shop.sell({ currency: 'EUR' }))
    await furnish(guest.userId, () => ({ cartOf: breakingOff('after') }))
    await expect(cartOf(guest.userId).giveTo(guest.caller, buyer.caller)).rejects.toThrow(AppError)
    await cartOf(buyer.userId).clear(buyer.caller)
    await furnish(guest.userId, () => ({ cartOf }))
    guest.clock.advance(delays.pending)
    await tell(guest.userId)
    const [theirs, mine] = await cartsOf()
    expect([theirs.itemCount, mine.itemCount]).toEqual([4, 0])
  })
})
