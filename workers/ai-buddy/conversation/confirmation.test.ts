import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { anActor } from '../../../shared/testing/factories'
import { aWorld } from '../testing/fixtures'
import { proposed } from '../testing/proposal-fixtures'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

describe('something goes into the cart', () => {
  it('only when the next message says yes to what was proposed', async () => {
    const { world, actor, conversationId, variantId, pieces, adds, proposal } = await proposed()
    expect(proposal).toMatchObject({ variantId, quantity: 2, unitPrice: { amount: 64_900, currency: 'USD' } })
    expect([pieces(), adds()]).toEqual([0, 0])
    const { json } = await world.say(actor, 'Yes, please!', { conversationId })
    expect([pieces(), adds(), json.proposal]).toEqual([2, 1, null])
    expect(json.text).toMatch(/added 2 × “Walnut writing desk”/)
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

  it('by a button as well, unless the words beside it say no', async () => {
    const first = await proposed()
    await first.world.say(first.actor, 'Add it', { conversationId: first.conversationId, confirm: true })
    expect(first.pieces()).toBe(2)
    const second = await proposed()
    await second.world.say(second.actor, 'No, thanks', { conversationId: second.conversationId, confirm: true })
    expect(second.pieces()).toBe(0)
  })

  it.each(['I do not want that, stop', 'wait', 'rather not', 'hmm, later', 'ok, cancel', 'please never mind'])(
    'not by a button beside words that say: %s',
    async (words) => {
      const { world, actor, conversationId, pieces } = await proposed()
      const { json } = await world.say(actor, words, { conversationId, confirm: true })
      expect([pieces(), json.proposal, json.text]).toEqual([0, null, expect.stringContaining('left your cart')])
    },
  )

  it.each([
    ['Yes?', {}],
    ['add it?', {}],
    ['add it?', { confirm: true }],
    ['Is it black', { confirm: true }],
  ] as const)('not by a question: %s %o is asked again, and a yes to that adds it', async (words, more) => {
    const { world, actor, conversationId, pieces, adds } = await proposed()
    const { json } = await world.say(actor, words, { conversationId, ...more })
    expect([adds(), json.proposal?.quantity, json.text]).toEqual([0, 2, expect.stringContaining('Shall I add 2 ×')])
    await world.say(actor, 'yes', { conversationId })
    expect(pieces()).toBe(2)
  })

  it('not by a question about a proposal that has expired, is sold out, or was never made', async () => {
    const late = await proposed()
    vi.advanceTimersByTime(10 * 60_000)
    const short = await proposed()
    short.world.shop.stock(short.variantId, 1)
    for (const { world, actor, conversationId, pieces } of [late, short]) {
      const { status, json } = await world.say(actor, 'yes?', { conversationId })
      expect([status, pieces(), json.proposal]).toEqual([200, 0, null])
    }
    const { json } = await late.world.say(late.actor, 'yes?')
    expect([json.proposal, json.text]).toEqual([null, expect.stringContaining('nothing waiting')])
  })

  it('not where nothing was proposed, neither by words nor by a button', async () => {
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

  it('at no other price than the confirmed one: a new price is proposed anew', async () => {
    const { world, actor, desk, conversationId, pieces } = await proposed()
    world.shop.price(desk.productId, 70_000)
    const { json } = await world.say(actor, 'yes', { conversationId })
    expect([pieces(), json.proposal.unitPrice.amount, json.text]).toEqual([0, 70_000, expect.stringContaining('$700.00')])
    await world.say(actor, 'yes', { conversationId })
    expect(pieces()).toBe(2)
  })

  it('not when it is no longer on sale, or too few are in stock', async () => {
    const gone = await proposed()
    gone.world.shop.change(gone.desk.productId, { status: 'archived' })
    const short = await proposed()
    short.world.shop.stock(short.variantId, 1)
    for (const { world, actor, conversationId, pieces } of [gone, short]) {
      const { status, json } = await world.say(actor, 'yes', { conversationId })
      expect([status, pieces(), json.proposal]).toEqual([200, 0, null])
    }
  })

  it.each(['0', '00', 'no', '-3', '2.5', '2½', '1e3', '1,000', '100', '5000', 'two hundred', '2 or 3', '2-3', 'a few'])(
    'not in a number that no cart takes: %s',
    async (number) => {
      const world = aWorld()
      await world.sell({ stock: 1_000_000 })
      const { status, json } = await world.say(anActor('buyer'), `add ${number} walnut writing desks to my cart`)
      expect([status, json.proposal, json.text]).toEqual([200, null, expect.stringContaining('say how many')])
    },
  )

  it.each([
    ['twenty', 20],
    ['a dozen', 12],
    ['٣', 3],
    ['99', 99],
  ] as const)('in the number that the words say: %s', async (number, quantity) => {
    const world = aWorld()
    await world.sell({ stock: 1_000 })
    const { json } = await world.say(anActor('buyer'), `add ${number} walnut writing desks to my cart`)
    expect(json.proposal?.quantity).toBe(quantity)
  })

  it('not when too few are in stock', async () => {
    const world = aWorld()
    await world.sell({ stock: 4 })
    expect((await world.say(anActor('buyer'), 'add 5 walnut writing desks to my cart')).json.proposal).toBeNull()
  })

  it('by its place among the products that were shown', async () => {
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
