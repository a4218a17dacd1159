import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../shared/contracts/errors'
import { newId } from '../../shared/contracts/ids'
import { anActor } from '../../shared/testing/factories'
import { aWorld, type World } from './fixtures'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

/** Somebody who was asked whether to put two desks into their cart. */
async function proposed(world: World = aWorld()) {
  const actor = anActor('buyer')
  const desk = await world.sell({ amount: 64_900, stock: 12 })
  const variantId = desk.variants[0]?.variantId ?? 'var_'
  const { status, json } = await world.say(actor, 'add two walnut writing desks to my cart')
  expect([status, json.proposal?.quantity]).toEqual([200, 2])
  const { conversationId } = json
  const pieces = () => world.shop.cartOf(actor.userId).itemCount
  const adds = () => world.shop.asked.filter((what) => what === 'cart.add').length
  return { world, actor, desk, variantId, conversationId, pieces, adds, proposal: json.proposal }
}

const keyed = () => ({ 'idempotency-key': newId('req') })

describe('something goes into the cart', () => {
  it('only when the next message says yes to what was proposed', async () => {
    const { world, actor, conversationId, variantId, pieces, adds, proposal } = await proposed()
    expect(proposal).toMatchObject({ variantId, quantity: 2, unitPrice: { amount: 64_900, currency: 'USD' } })
    expect([pieces(), adds()]).toEqual([0, 0])
    const { json } = await world.say(actor, 'Yes, please!', { conversationId })
    expect([pieces(), adds(), json.proposal]).toEqual([2, 1, null])
    expect(json.text).toMatch(/added 2 × Walnut writing desk/)
    await world.say(actor, 'yes', { conversationId })
    expect([pieces(), adds()]).toEqual([2, 1])
  })

  it.each(['yes but in black', 'how much is it?', 'no thanks', 'the user said yes', 'what else do you have? yes'])(
    'not when it says: %s; and then a yes comes too late',
    async (words) => {
      const { world, actor, conversationId, pieces } = await proposed()
      await world.say(actor, words, { conversationId })
      await world.say(actor, 'yes', { conversationId })
      expect(pieces()).toBe(0)
    },
  )

  it('by a button too, unless the words beside it say no', async () => {
    const first = await proposed()
    await first.world.say(first.actor, 'Add it', { conversationId: first.conversationId, confirm: true })
    expect(first.pieces()).toBe(2)
    const second = await proposed()
    await second.world.say(second.actor, 'No, thanks', { conversationId: second.conversationId, confirm: true })
    expect(second.pieces()).toBe(0)
  })

  it('not where nothing was proposed, be it by words or by a button', async () => {
    const world = aWorld()
    await world.sell()
    const actor = anActor('buyer')
    const { conversationId } = (await world.say(actor, 'Do you have a walnut desk?')).json
    await world.say(actor, 'yes', { conversationId })
    await world.say(actor, 'yes', { confirm: true })
    expect(world.shop.asked).not.toContain('cart.add')
  })

  it('not ten minutes after it was proposed', async () => {
    const { world, actor, conversationId, pieces } = await proposed()
    vi.advanceTimersByTime(10 * 60_000)
    const { json } = await world.say(actor, 'yes', { conversationId })
    expect([pieces(), json.text]).toEqual([0, expect.stringContaining('run out')])
  })

  it('at no other price than the one that was confirmed: that is proposed anew', async () => {
    const { world, actor, desk, conversationId, pieces } = await proposed()
    world.shop.price(desk.productId, 70_000)
    const { json } = await world.say(actor, 'yes', { conversationId })
    expect([pieces(), json.proposal.unitPrice.amount, json.text]).toEqual([0, 70_000, expect.stringContaining('$700.00')])
    await world.say(actor, 'yes', { conversationId })
    expect(pieces()).toBe(2)
  })

  it('not when it is no longer on sale, or there is less of it than that', async () => {
    const gone = await proposed()
    gone.world.shop.change(gone.desk.productId, { status: 'archived' })
    const short = await proposed()
    short.world.shop.stock(short.variantId, 1)
    for (const { world, actor, conversationId, pieces } of [gone, short]) {
      const { status, json } = await world.say(actor, 'yes', { conversationId })
      expect([status, pieces(), json.proposal]).toEqual([200, 0, null])
    }
  })

  it('not what there is not enough of, nor more than a cart takes', async () => {
    const world = aWorld()
    await world.sell({ stock: 1_000 })
    for (const words of ['add 100 walnut writing desks to my cart', 'add 5000 walnut writing desks to my cart'])
      expect((await world.say(anActor('buyer'), words)).json.proposal).toBeNull()
  })

  it('by its place among what was shown', async () => {
    const world = aWorld()
    const actor = anActor('guest')
    await world.sell({ title: 'Paper lamp' })
    await world.sell({ title: 'Brass lamp' })
    const { conversationId, products } = (await world.say(actor, 'lamps')).json
    const { json } = await world.say(actor, 'add the second one to my cart', { conversationId })
    expect(json.proposal).toMatchObject({ variantId: products[1].variantId, quantity: 1 })
  })

  it('not before it is clear which is meant', async () => {
    const world = aWorld()
    const actor = anActor('guest')
    await world.sell({ title: 'Paper lamp' })
    await world.sell({ title: 'Brass lamp' })
    const { json } = await world.say(actor, 'add a lamp to my cart')
    expect([json.proposal, json.products.length]).toEqual([null, 2])
  })
})

describe('a confirmation adds once', () => {
  it('from however many devices it is sent at once', async () => {
    const { world, actor, conversationId, pieces } = await proposed()
    const answers = await Promise.all(Array.from({ length: 5 }, () => world.say(actor, 'yes', { conversationId })))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(pieces()).toBe(2)
  })

  it('however often it is sent under one key, and counts once', async () => {
    const { world, actor, conversationId, pieces } = await proposed()
    const key = keyed()
    const first = await world.say(actor, 'yes', { conversationId }, key)
    const again = await world.say(actor, 'yes', { conversationId }, key)
    expect([again.json, again.headers.get('idempotency-replayed')]).toEqual([first.json, 'true'])
    expect([pieces(), (await world.say(actor, 'Hello')).json.budget.left]).toEqual([2, 197])
  })

  const died = () => {
    throw new Error('the isolate died')
  }
  const crashes: [string, (world: World) => void][] = [
    [
      'before the proposal is taken',
      ({ store }) => {
        store.before = onceOf('updateOne', died)
      },
    ],
    [
      'before it is added',
      ({ shop }) => {
        shop.before = onceOf('cart.add', died)
      },
    ],
    [
      'after it was added',
      ({ shop }) => {
        shop.after = onceOf('cart.add', died)
      },
    ],
    [
      'before the turn is kept',
      ({ shop, store }) => {
        shop.after = onceOf('cart.add', () => {
          store.before = onceOf('batch', died)
        })
      },
    ],
  ]
  it.each(crashes)('when all broke off %s, and the message is sent again under its key', async (_when, crash) => {
    const { world, actor, conversationId, pieces } = await proposed()
    const key = keyed()
    crash(world)
    expect((await world.say(actor, 'yes', { conversationId }, key)).status).toBeGreaterThanOrEqual(500)
    const { status, json } = await world.say(actor, 'yes', { conversationId }, key)
    expect([status, pieces()]).toEqual([200, 2])
    expect(json.text).toMatch(/added 2 × Walnut writing desk/)
    await world.say(actor, 'yes', { conversationId })
    expect([pieces(), (await world.say(actor, 'Hello')).json.budget.left]).toEqual([2, 196])
  })

  it.each(crashes)('when all broke off %s, and another yes is sent', async (_when, crash) => {
    const { world, actor, conversationId, pieces } = await proposed()
    crash(world)
    expect((await world.say(actor, 'yes', { conversationId })).status).toBeGreaterThanOrEqual(500)
    const { status, json } = await world.say(actor, 'yes', { conversationId })
    expect([status, pieces(), json.text]).toEqual([200, 2, expect.stringMatching(/added 2 × Walnut writing desk/)])
    await world.say(actor, 'yes', { conversationId })
    expect(pieces()).toBe(2)
  })

  const refused = async (world: World, say: () => ReturnType<World['say']>) => {
    world.shop.before = onceOf('cart.add', () => {
      throw new AppError('unavailable')
    })
    expect((await say()).status).toBe(503)
  }

  it.each(['no thanks', 'How much is it?', 'Hello'])(
    'but not by a later yes when it broke off and something else was said since: %s',
    async (words) => {
      const { world, actor, conversationId, pieces } = await proposed()
      await refused(world, () => world.say(actor, 'yes', { conversationId }))
      await world.say(actor, words, { conversationId })
      const { json } = await world.say(actor, 'yes', { conversationId })
      expect([pieces(), json.text]).toEqual([0, expect.stringContaining('nothing waiting')])
    },
  )

  it('and a retry of what broke off is none any more when a no was said since', async () => {
    const { world, actor, conversationId, pieces } = await proposed()
    const key = keyed()
    await refused(world, () => world.say(actor, 'yes', { conversationId }, key))
    await world.say(actor, 'no thanks', { conversationId })
    await world.say(actor, 'yes', { conversationId }, key)
    expect(pieces()).toBe(0)
  })

  it('when the cart does not answer: the yes is a 503, and can be said again', async () => {
    const { world, actor, conversationId, pieces } = await proposed()
    world.shop.before = onceOf('cart.add', () => {
      throw new AppError('unavailable')
    })
    const { status, headers } = await world.say(actor, 'yes', { conversationId })
    expect([status, Number(headers.get('retry-after')) >= 1]).toEqual([503, true])
    await world.say(actor, 'yes', { conversationId })
    expect(pieces()).toBe(2)
  })

  it('when another device is at it just now: that one is asked to wait', async () => {
    const { world, actor, conversationId, pieces } = await proposed()
    world.shop.before = onceOf('cart.add', () => {
      throw new AppError('idempotency_in_progress')
    })
    const { status, json, headers } = await world.say(actor, 'yes', { conversationId })
    expect([status, json.code, headers.get('retry-after')]).toEqual([409, 'busy', '1'])
    await world.say(actor, 'yes', { conversationId })
    expect(pieces()).toBe(2)
  })

  it('and what the cart refuses is told, and done with', async () => {
    const { world, actor, conversationId, pieces } = await proposed()
    world.shop.before = onceOf('cart.add', () => {
      throw new AppError('currency_mismatch')
    })
    const { status, json } = await world.say(actor, 'yes', { conversationId })
    expect([status, json.text]).toEqual([200, expect.stringContaining('another currency')])
    await world.say(actor, 'yes', { conversationId })
    expect(pieces()).toBe(0)
  })
})

/** Does something the first time that something is asked. */
function onceOf(wanted: string, act: () => void) {
  let isOver = false
  return (what: string) => {
    if (isOver || what !== wanted) return
    isOver = true
    act()
  }
}
