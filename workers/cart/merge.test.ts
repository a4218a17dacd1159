import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import type { Actor } from '../../shared/contracts/actor'
import type { AuthApi } from '../../shared/contracts/auth'
import { AppError } from '../../shared/contracts/errors'
import { anActor } from '../../shared/testing/factories'
import { call } from '../../shared/testing/http'
import type { CartObjectApi } from './cart-object-api'
import { depsFrom } from './deps'
import { app } from './routes'
import { delays } from './schedule'
import { aLevel, alarmOf, aShop, aShopper, overrideDeps, runAlarm, stubOf } from './testing/fixtures'

const { cartOf } = depsFrom(env)

/** A guest and a buyer whose additions ask no other Worker, and the merge by HTTP. */
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

/** A connection to other carts that fails: before the lines are merged, or after that but before the answer. */
const failing = (when: 'before' | 'after') => (userId: `usr_${string}`) =>
  ({
    mergeIn: async (...args: Parameters<CartObjectApi['mergeIn']>) => {
      if (when === 'after') await cartOf(userId).mergeIn(...args)
      throw new AppError('unavailable')
    },
  }) as unknown as CartObjectApi

describe('merging', () => {
  it('moves the lines of the guest, adds up quantities, and publishes both carts', async () => {
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
    await runAlarm(guest.userId)
    await runAlarm(buyer.userId)
    expect(guest.publisher.ofType('cart.updated').map(({ data }) => [data.version, data.itemCount])).toEqual([[3, 0]])
    expect(buyer.publisher.ofType('cart.updated').map(({ data }) => [data.version, data.itemCount])).toEqual([[2, 102]])
  })

  it('changes nothing more when it is repeated, one after the other or at once', async () => {
    const { guest, merge, add, cartsOf } = await aPair()
    await add(guest, undefined, 4)
    const answers = await Promise.all([merge(), merge(), merge()])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect((await merge()).json).toMatchObject({ version: 1, itemCount: 4 })
    expect((await cartsOf())[0]).toMatchObject({ version: 2, itemCount: 0 })
  })

  it('merges what the guest adds afterwards, too', async () => {
    const { guest, merge, add } = await aPair()
    await add(guest, undefined, 1)
    await merge()
    await add(guest, undefined, 2)
    expect((await merge()).json).toMatchObject({ itemCount: 3 })
  })

  it.each(['before', 'after'] as const)(
    'is finished once by the next request when it failed %s the lines arrived',
    async (when) => {
      const { guest, merge, add, cartsOf, buyer } = await aPair()
      await add(guest, undefined, 4)
      await overrideDeps(guest.userId, () => ({ cartOf: failing(when) }))
      expect((await merge()).status).toBe(503)
      expect((await cartsOf())[1].itemCount).toBe(when === 'before' ? 0 : 4)
      await overrideDeps(guest.userId, () => ({ cartOf }))
      expect((await merge()).json).toMatchObject({ version: 1, itemCount: 4 })
      await runAlarm(buyer.userId)
      expect(buyer.publisher.sent).toHaveLength(1)
    },
  )

  it('is not repeated by the alarm that publishes it; the alarm takes over after ten seconds', async () => {
    const { guest, add, cartsOf, buyer } = await aPair()
    await add(guest, undefined, 4)
    const answer = Promise.withResolvers<void>()
    let asked = 0
    const slowly = (userId: `usr_${string}`) =>
      ({
        mergeIn: async (...args: Parameters<CartObjectApi['mergeIn']>) => {
          asked++
          await answer.promise
          return cartOf(userId).mergeIn(...args)
        },
      }) as unknown as CartObjectApi
    await overrideDeps(guest.userId, () => ({ cartOf: slowly }))
    const given = cartOf(guest.userId).transferTo(guest.caller, buyer.caller)
    await vi.waitFor(() => expect(asked).toBe(1))
    guest.clock.advance(delays.publish)
    await runAlarm(guest.userId)
    expect([asked, guest.publisher.ofType('cart.updated').at(-1)?.data.itemCount]).toEqual([1, 0])
    expect(await alarmOf(guest.userId)).toBe(guest.clock() - delays.publish + delays.retry)
    answer.resolve()
    expect(await given).toBeNull()
    expect((await cartsOf()).map(({ itemCount }) => itemCount)).toEqual([0, 4])
    expect(await alarmOf(guest.userId)).toBeNull()
  })

  it.each(['before', 'after'] as const)(
    'is finished by the alarm, through evictions, when it failed %s the lines arrived',
    async (when) => {
      const { guest, buyer, merge, add, cartsOf } = await aPair()
      await add(guest, undefined, 4)
      await overrideDeps(guest.userId, () => ({ cartOf: failing(when) }))
      expect((await merge()).status).toBe(503)
      guest.clock.advance(delays.retry)
      await runAlarm(guest.userId)
      expect(await alarmOf(guest.userId)).toBe(guest.clock() + delays.retry)
      await evictDurableObject(stubOf(guest.userId))
      await evictDurableObject(stubOf(buyer.userId))
      await guest.installFakes()
      await buyer.installFakes()
      guest.clock.advance(delays.retry)
      expect(await runAlarm(guest.userId)).toBe(true)
      const [theirs, mine] = await cartsOf()
      expect([theirs.itemCount, mine.itemCount, mine.version]).toEqual([0, 4, 1])
      // The empty cart has nothing left to do.
      expect(await runAlarm(guest.userId)).toBe(false)
    },
  )
})

describe('a merge that is refused', () => {
  it.each([
    ['expired', 422, 'validation_failed'],
    ['nonsense', 422, 'validation_failed'],
    ['buyer', 403, 'forbidden'],
  ])('changes nothing for the token %s', async (token, status, code) => {
    const { guest, merge, add, cartsOf } = await aPair()
    await add(guest)
    expect(await merge(token)).toMatchObject({ status, json: { code } })
    expect((await cartsOf()).map(({ version }) => version)).toEqual([1, 0])
  })

  it('changes neither cart when the version or the currency is wrong', async () => {
    const { shop, guest, buyer, merge, add, cartsOf } = await aPair()
    await add(guest)
    expect(await merge('guest', { 'if-match': '"7"' })).toMatchObject({ status: 412, json: { code: 'precondition_failed' } })
    await add(buyer, shop.sell({ currency: 'EUR' }))
    expect(await merge()).toMatchObject({ status: 409, json: { code: 'currency_mismatch' } })
    expect((await cartsOf()).map(({ version }) => version)).toEqual([1, 1])
  })

  it('restores the lines of the guest when the other cart changed in between, and stays refused', async () => {
    const { shop, guest, buyer, add, cartsOf } = await aPair()
    await add(guest, undefined, 4)
    await add(buyer, shop.sell({ currency: 'EUR' }))
    expect(await cartOf(guest.userId).transferTo(guest.caller, buyer.caller)).toBe('currency_mismatch')
    const [theirs, mine] = await cartsOf()
    expect([theirs.itemCount, theirs.version, mine.itemCount]).toEqual([4, 3, 1])
  })

  it('drops the lines when the cart of the guest is in another currency by then', async () => {
    const { shop, guest, buyer, add, cartsOf } = await aPair()
    await add(guest, undefined, 4)
    await add(buyer, shop.sell({ currency: 'EUR' }))
    await overrideDeps(guest.userId, () => ({ cartOf: failing('after') }))
    await expect(cartOf(guest.userId).transferTo(guest.caller, buyer.caller)).rejects.toThrow(AppError)
    await add(guest, shop.sell({ currency: 'EUR' }))
    await overrideDeps(guest.userId, () => ({ cartOf }))
    guest.clock.advance(delays.retry)
    await runAlarm(guest.userId)
    expect((await cartsOf()).map(({ currency, itemCount }) => [currency, itemCount])).toEqual([
      ['EUR', 1],
      ['EUR', 1],
    ])
    const left = await runInDurableObject(stubOf(guest.userId), (_cart, { storage }) =>
      storage.sql.exec('SELECT merge_id FROM transfers').toArray(),
    )
    expect(left).toEqual([])
  })

  it('restores the lines once, though the answer was lost and the other cart would accept them by now', async () => {
    const { shop, guest, buyer, add, cartsOf } = await aPair()
    await add(guest, undefined, 4)
    await add(buyer, shop.sell({ currency: 'EUR' }))
    await overrideDeps(guest.userId, () => ({ cartOf: failing('after') }))
    await expect(cartOf(guest.userId).transferTo(guest.caller, buyer.caller)).rejects.toThrow(AppError)
    await cartOf(buyer.userId).clear(buyer.caller)
    await overrideDeps(guest.userId, () => ({ cartOf }))
    guest.clock.advance(delays.retry)
    await runAlarm(guest.userId)
    const [theirs, mine] = await cartsOf()
    expect([theirs.itemCount, mine.itemCount]).toEqual([4, 0])
  })
})
