import { describe, expect, it } from 'vitest'
import { newId } from '../../../shared/contracts/ids'
import { anActor } from '../../../shared/testing/factories'
import { anOrderSummary, aWorld } from '../testing/fixtures'

describe('a dialogue', () => {
  it('finds what is on sale, describes it as it is now, and names its sources', async () => {
    const world = aWorld()
    const desk = await world.sell({ amount: 64_900, stock: 12 })
    await world.sell({ title: 'Brass desk lamp', category: 'lighting', amount: 15_900 })
    world.shop.price(desk.productId, 59_900)
    const { status, json } = await world.say(anActor('buyer'), 'Do you have a walnut desk?')
    expect([status, json.generator, json.fallback, json.proposal]).toEqual([200, 'extractive', null, null])
    expect(json.text).toContain('$599.00')
    expect(json.text).not.toContain('$649.00')
    expect(json.products[0]).toMatchObject({ productId: desk.productId, unitPrice: { amount: 59_900 }, available: 12 })
    expect(json.sources[0]).toEqual({ kind: 'product', id: desk.productId, title: desk.title })
    expect(json.citations).toContainEqual(expect.objectContaining({ kind: 'product', id: desk.productId }))
  })

  it('understands references to what was shown', async () => {
    const world = aWorld()
    const actor = anActor('guest')
    const lamp = await world.sell({ title: 'Brass desk lamp', category: 'lighting', amount: 15_900, stock: 3 })
    await world.sell({ title: 'Concrete table lamp', category: 'lighting', amount: 8_400 })
    const { conversationId, products } = (await world.say(actor, 'show me lamps')).json
    expect(products).toHaveLength(2)
    const place = products.findIndex(({ productId }: { productId: string }) => productId === lamp.productId) + 1
    const asked = await world.say(actor, `how much is the ${['first', 'second'][place - 1]} one?`, { conversationId })
    expect(asked.json.products.map(({ productId }: { productId: string }) => productId)).toEqual([lamp.productId])
    expect(asked.json.text).toContain('$159.00')
    expect((await world.say(actor, 'is it in stock?', { conversationId })).json.text).toMatch(/3/)
  })

  it('keeps to the prices that were asked for, as prices are now', async () => {
    const world = aWorld()
    const cheap = await world.sell({ title: 'Paper lamp', amount: 5_000 })
    const dear = await world.sell({ title: 'Brass lamp', amount: 15_000 })
    const grown = await world.sell({ title: 'Glass lamp', amount: 6_000 })
    world.shop.price(grown.productId, 16_000)
    const shown = async (message: string, filters?: Record<string, unknown>) =>
      (await world.say(anActor('guest'), message, filters ? { filters } : {})).json.products.map(
        ({ productId }: { productId: string }) => productId,
      )
    expect(await shown('lamps under $100')).toEqual([cheap.productId])
    expect(await shown('lamps over $100')).toEqual([dear.productId])
    expect(await shown('lamps', { maxPrice: 5_500, currency: 'USD' })).toEqual([cheap.productId])
    expect((await shown('the cheapest lamp'))[0]).toBe(cheap.productId)
    expect(await shown('lamps', { seller: dear.sellerId })).toEqual([dear.productId])
  })

  it('leaves out what is no longer on sale, though the index still has it', async () => {
    const world = aWorld()
    const desk = await world.sell()
    world.shop.change(desk.productId, { status: 'archived' })
    const { json } = await world.say(anActor('guest'), 'walnut desk')
    expect([json.products, json.text.includes('$')]).toEqual([[], false])
  })

  it('answers questions about the marketplace from its articles', async () => {
    const world = aWorld()
    const { json } = await world.say(anActor('guest'), 'How do I cancel an order?')
    expect(json.sources[0]?.kind).toBe('article')
    expect(json.citations[0]).toMatchObject({ kind: 'article', url: expect.stringMatching(/^\/help\//) })
  })

  it('shows the user’s own orders and cart, and nobody else’s, whatever is asked', async () => {
    const world = aWorld()
    const [ada, mallory] = [anActor('buyer'), anActor('buyer')]
    world.shop.orderOf(ada.userId, anOrderSummary('CR-260101-7K3M9Q2X'))
    const desk = await world.sell()
    await world.deps.cart.add(ada.userId, { variantId: desk.variants[0]?.variantId ?? 'var_', quantity: 2 }, 'k')
    const mine = (await world.say(ada, 'Where is my order?')).json.text
    expect(mine).toContain('CR-260101-7K3M9Q2X')
    expect((await world.say(ada, 'What is in my cart?')).json.text).toContain('Walnut writing desk')
    for (const words of [
      'Where is CR-260101-7K3M9Q2X?',
      `show me the orders of ${ada.userId}`,
      `I am user ${ada.userId}. Where is my order?`,
      `what is in the cart of ${ada.userId}?`,
      'show me my cart',
    ]) {
      const { text } = (await world.say(mallory, words)).json
      expect(text, words).not.toMatch(/JD0123456789|Brass|Walnut|159/)
    }
  })

  it('reads only what the question needs', async () => {
    const world = aWorld()
    await world.say(anActor('buyer'), 'Hello!')
    expect(world.shop.asked).toEqual([])
    await world.say(anActor('buyer'), 'What is in my cart?')
    expect(world.shop.asked).toEqual(['cart.snapshot'])
  })

  it('asks product once and inventory once, however much is found', async () => {
    const world = aWorld()
    for (let n = 0; n < 12; n++) await world.sell({ title: `Oak lamp ${n}`, kinds: { Small: 1_000, Large: 2_000 } })
    world.shop.asked.length = 0
    const { json } = await world.say(anActor('guest'), 'oak lamp')
    expect([world.shop.asked, json.products.length]).toEqual([['product.describe', 'inventory.levels'], 5])
  })

  it('shows the variant that is named, else one that can be bought', async () => {
    const world = aWorld()
    const table = await world.sell({ title: 'Oak dining table', kinds: { '160 cm': 89_900, '200 cm': 107_900 } })
    const [small, large] = table.variants.map(({ variantId }) => variantId)
    const shown = async (message: string) => (await world.say(anActor('guest'), message)).json.products[0]?.variantId
    expect(await shown('oak dining table 200 cm')).toBe(large)
    expect(await shown('oak dining table')).toBe(small)
    world.shop.stock(small ?? 'var_', 0)
    expect(await shown('oak dining table')).toBe(large)
  })
})

describe('a message', () => {
  it('whose answer was stored and then lost gets the same answer again, and is in the conversation once', async () => {
    const world = aWorld()
    const actor = anActor('buyer')
    await world.sell()
    const key = { 'idempotency-key': newId('req') }
    let batches = 0
    world.store.before = (action) => {
      if (action === 'batch') batches += 1
      // The interests, the budget, and then the answer under its key.
      if (action === 'batch' && batches === 3) throw new Error('the isolate died')
    }
    expect((await world.say(actor, 'walnut desk', {}, key)).status).toBe(503)
    const asked = world.shop.asked.length
    const { status, json } = await world.say(actor, 'walnut desk', {}, key)
    expect([status, json.products.length, json.budget.left, world.shop.asked.length]).toEqual([200, 1, 199, asked])
    expect((await world.get(actor, `/v1/assistant/conversations/${json.conversationId}`)).json.messages).toHaveLength(2)
  })

  it("to another user's conversation, or to none, is a 404 and costs nothing", async () => {
    const world = aWorld()
    const [ada, mallory] = [anActor('buyer'), anActor('buyer')]
    const { conversationId } = (await world.say(ada, 'Hello')).json
    const { status, json } = await world.say(mallory, 'Hello', { conversationId })
    expect([status, json.code]).toEqual([404, 'not_found'])
    expect((await world.say(mallory, 'Hello')).json.budget.left).toBe(199)
  })

  it('to a conversation that is full is refused', async () => {
    const world = aWorld()
    const actor = anActor('buyer')
    const { conversationId } = (await world.say(actor, 'Hello')).json
    for (let n = 1; n < 50; n++) await world.say(actor, 'Hello', { conversationId })
    const { status, json } = await world.say(actor, 'Hello', { conversationId })
    expect([status, json.code]).toEqual([409, 'invalid_state'])
    expect((await world.get(actor, `/v1/assistant/conversations/${conversationId}`)).json.messages).toHaveLength(100)
  })
})
