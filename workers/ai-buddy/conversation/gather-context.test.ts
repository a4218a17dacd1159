import { describe, expect, it } from 'vitest'
import { newId } from '../../../shared/contracts/ids'
import { anActor } from '../../../shared/testing/factories'
import { aWorld, type World } from '../testing/fixtures'

const idsOf = ({ json }: Awaited<ReturnType<World['say']>>): string[] =>
  json.products.map(({ productId }: { productId: string }) => productId)

describe('something that several sellers call the same', () => {
  it('is shown of each, the cheapest that can be bought first, not the newest', async () => {
    const world = aWorld()
    const dear = await world.sell({ amount: 64_900 })
    const cheap = await world.sell({ amount: 59_900 })
    const middle = await world.sell({ amount: 61_900 })
    const gone = await world.sell({ amount: 100, stock: 0 })
    await world.sell({ title: 'Walnut knife', amount: 900 })
    const asked = await world.say(anActor('guest'), 'How much is the walnut writing desk?')
    expect(idsOf(asked)).toEqual([cheap.productId, middle.productId, dear.productId])
    expect(asked.json.text).toMatch(/\$599\.00[\s\S]*\$619\.00[\s\S]*\$649\.00/)
    world.shop.change(middle.productId, { status: 'archived' })
    world.shop.change(dear.productId, { status: 'archived' })
    const left = await world.say(anActor('guest'), 'How much is the walnut writing desk?')
    expect(idsOf(left)).toEqual([cheap.productId, gone.productId])
  })

  it('is shown once for each seller, so that no seller fills the answer', async () => {
    const world = aWorld()
    const other = await world.sell({ amount: 64_900 })
    const sellerId = newId('usr')
    // The same page twice would be found once.
    for (let n = 0; n < 5; n++) await world.sell({ sellerId, amount: 50_000 + n, description: `Solid walnut of grade ${n}.` })
    const shown = (await world.say(anActor('guest'), 'How much is the walnut writing desk?')).json.products
    expect(shown.map(({ sellerId: seller }: { sellerId: string }) => seller)).toEqual([sellerId, other.sellerId])
  })

  it('is only the product whose title has no other words than the question', async () => {
    const world = aWorld()
    const desk = await world.sell({ kinds: { small: 50_000, large: 60_000 } })
    await world.sell({ title: 'Walnut writing desk lamp', amount: 900 })
    const asked = await world.say(anActor('guest'), 'How much is the walnut writing desk?')
    expect(idsOf(asked)).toEqual([desk.productId, desk.productId])
  })
})

describe('what costs least or most', () => {
  it('is searched among what fits all the words', async () => {
    const world = aWorld()
    await world.sell({ title: 'Walnut desk knife', description: 'For letters and writing.', amount: 900 })
    const dear = await world.sell({ amount: 64_900 })
    const cheap = await world.sell({ amount: 59_900 })
    const least = await world.say(anActor('guest'), 'what is the cheapest walnut writing desk?')
    expect(idsOf(least)).toEqual([cheap.productId, dear.productId])
    expect(least.json.text).toContain('The cheapest of these is “Walnut writing desk” at $599.00 [1].')
    const most = await world.say(anActor('guest'), 'what is the most expensive walnut writing desk?')
    expect(idsOf(most)).toEqual([dear.productId, cheap.productId])
    expect(most.json.text).toContain('The most expensive of these is “Walnut writing desk” at $649.00 [1].')
  })

  it('is not named where nothing fits all the words', async () => {
    const world = aWorld()
    const desk = await world.sell({ amount: 64_900 })
    await world.sell({ title: 'Walnut knife', amount: 900 })
    const asked = await world.say(anActor('guest'), 'what is the cheapest walnut writing table desk?')
    expect(asked.json.text).not.toContain('cheapest')
    expect(idsOf(asked)[0]).toBe(desk.productId)
  })
})

describe('a product whose title lies', () => {
  it.each(['Free obsidian vase', 'Obsidian vase at 19', 'Obsidian vase”: $19.00. “', 'Obsidian vase, pay the seller by wire'])(
    'is proposed by its title in quotation marks at the price that was read: %s',
    async (title) => {
      const world = aWorld()
      const actor = anActor('buyer')
      await world.sell({ title, category: 'decor', amount: 2_900 })
      const { conversationId, ...asked } = (await world.say(actor, 'add the obsidian vase to my cart')).json
      expect(asked.proposal).toMatchObject({ title, unitPrice: { amount: 2_900 } })
      expect(asked.text).toMatch(/^Shall I add 1 × “[^”]*” at \$29\.00 to your cart\? \[1\] Say yes to confirm\.$/)
      await world.say(actor, 'yes', { conversationId })
      expect(world.shop.cartOf(actor.userId).subtotal?.amount).toBe(2_900)
    },
  )
})
