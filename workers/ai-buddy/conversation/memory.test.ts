import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Actor } from '../../../shared/contracts/actor'
import { iso, newId, type ProductId, type UserId } from '../../../shared/contracts/ids'
import { money } from '../../../shared/contracts/money'
import { anActor, anEvent } from '../../../shared/testing/factories'
import { sweep } from '../sweep'
import { aWorld, type World } from '../testing/fixtures'
import { interestsOf, signsKeptFor } from './interests'

const start = Date.UTC(2026, 10, 23, 12)
const day = 24 * 3_600_000
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: start }))
afterEach(() => void vi.useRealTimers())

const path = '/v1/assistant/interests'

const registered = ({ userId }: Actor, role: 'buyer' | 'seller' = 'buyer', time = start) =>
  anEvent('user.registered', userId, { version: 1, userId, email: 'a@example.com', name: 'Ada', role }, { time: iso(time) })

/** The event of a paid order of these products. */
function paid(buyerId: UserId, bought: readonly [ProductId, quantity: number][], time = start) {
  const orderId = newId('ord')
  const total = money(1_000, 'USD')
  const items = bought.map(([productId, quantity]) => ({
    ...{ variantId: newId('var'), productId, sellerId: newId('usr'), quantity, lineTotal: total },
  }))
  const facts = {
    orderId,
    number: 'CR-1',
    buyerId,
    email: null,
    status: 'paid' as const,
    sellerIds: [newId('usr')],
    grand: total,
  }
  return anEvent('order.paid', orderId, { ...facts, version: 2, items, groups: [] }, { time: iso(time) })
}

const interests = async (world: World, actor: Actor) => (await world.get(actor, path)).json

describe('interests', () => {
  it('come from purchases and questions, and give the reason', async () => {
    const world = aWorld()
    const actor = anActor('buyer')
    const desk = await world.sell()
    await world.sell({ title: 'Brass desk lamp', category: 'lighting' })
    await world.publish(registered(actor), paid(actor.userId, [[desk.productId, 2]]))
    for (const words of ['brass lamp', 'how much is the brass desk lamp?', 'lamps']) await world.say(actor, words)
    await world.say(actor, 'How do I cancel an order?')
    await world.say(actor, 'What is in my cart?')
    const { since, items } = await interests(world, actor)
    expect(since).toBe(iso(start))
    expect(items.map(({ category, why }: { category: string; why: string[] }) => [category, why])).toEqual([
      ['furniture', ['bought 2']],
      ['lighting', ['asked 3 times']],
    ])
  })

  it('are empty at first, and always empty for a guest', async () => {
    const world = aWorld()
    const [buyer, seller, guest] = [anActor('buyer'), anActor('seller'), anActor('guest')]
    await world.publish(registered(buyer), registered(seller, 'seller'))
    expect(await interests(world, buyer)).toEqual({ since: iso(start), items: [] })
    expect(await interests(world, seller)).toEqual({ since: null, items: [] })
    await world.sell()
    expect((await world.say(guest, 'walnut desk')).json.interests).toEqual([])
    expect((await world.get(guest, path)).status).toBe(403)
    expect((await world.deps.interests.of(guest.userId, start)).items).toEqual([])
  })

  it('are the same in whatever order and however often their events are delivered', async () => {
    const world = aWorld()
    const [once, often] = [anActor('buyer'), anActor('buyer')]
    const desk = await world.sell()
    const lamp = await world.sell({ title: 'Lamp', category: 'lighting' })
    const events = ({ userId }: Actor) => [
      paid(userId, [[desk.productId, 1]], start - day),
      paid(userId, [
        [lamp.productId, 3],
        [desk.productId, 1],
      ]),
    ]
    await world.publish(registered(once), ...events(once))
    const theirs = events(often)
    await world.publish(...theirs.toReversed(), registered(often), ...theirs, registered(often), ...theirs)
    expect(await interests(world, often)).toEqual(await interests(world, once))
  })

  it('that are erased stay erased although older events arrive later, and newer ones count', async () => {
    const world = aWorld()
    const actor = anActor('buyer')
    const desk = await world.sell()
    const lamp = await world.sell({ title: 'Brass lamp', category: 'lighting' })
    const late = paid(actor.userId, [[desk.productId, 1]], start - 60_000)
    const before = [
      registered(actor),
      paid(actor.userId, [
        [desk.productId, 1],
        [lamp.productId, 1],
      ]),
    ]
    await world.publish(...before)
    await world.say(actor, 'brass lamp')
    vi.advanceTimersByTime(1_000)
    const categories = async () => (await interests(world, actor)).items.map(({ category }: { category: string }) => category)

    expect((await world.remove(actor, `${path}/lighting`)).status).toBe(204)
    expect(await categories()).toEqual(['furniture'])
    expect((await world.remove(actor, `${path}/lighting`)).status).toBe(404)
    expect((await world.remove(actor, path)).status).toBe(204)
    await world.publish(...before.map((event) => ({ ...event, replay: newId('rpl') })), late)
    expect(await interests(world, actor)).toEqual({ since: iso(start), items: [] })
    expect(await world.deps.documents.collection({ name: 'interest_signs' }).find({ userId: actor.userId })).toEqual([])

    vi.advanceTimersByTime(1_000)
    await world.say(actor, 'brass lamp')
    expect(await interests(world, actor)).toMatchObject({ items: [{ category: 'lighting', why: ['asked once'] }] })
  })

  it('fade with time and are deleted after a year, and a replay does not bring them back', async () => {
    const world = aWorld()
    const actor = anActor('buyer')
    const desk = await world.sell()
    const event = paid(actor.userId, [[desk.productId, 1]])
    await world.publish(event)
    const weight = async () => (await interests(world, actor)).items[0]?.weight ?? 0
    const weights = [await weight()]
    for (let month = 0; month < 3; month++) {
      vi.advanceTimersByTime(30 * day)
      weights.push(await weight())
    }
    expect(weights).toEqual([0.5, 0.333, 0.2, 0.111])
    vi.setSystemTime(start + signsKeptFor + 1_000)
    await sweep(world.deps)
    await world.publish(event)
    expect(await weight()).toBe(0)
    expect(await world.deps.documents.collection({ name: 'interest_signs' }).find({ userId: actor.userId })).toEqual([])
  })

  it('decide between equal results, and the answer says which interest did', async () => {
    const world = aWorld()
    const actor = anActor('buyer')
    const [first, second] = [
      await world.sell({ title: 'Oak board', category: 'kitchen', description: 'Made of oak.' }),
      await world.sell({ title: 'Oak board', category: 'office', description: 'Made of oak.' }),
    ]
    const shown = async (who: Actor) => (await world.say(who, 'oak board')).json
    const usual = (await shown(anActor('guest'))).products[0].productId
    const other = usual === first?.productId ? second : first
    await world.publish(paid(actor.userId, [[other?.productId ?? 'prd_', 1]]))
    const { products, interests: used } = await shown(actor)
    expect([products[0].productId, used]).toEqual([other?.productId, [other?.category]])
  })

  it('of another user cannot be read or erased', async () => {
    const world = aWorld()
    const [ada, mallory] = [anActor('buyer'), anActor('buyer')]
    const desk = await world.sell()
    await world.publish(paid(ada.userId, [[desk.productId, 1]]))
    expect((await interests(world, mallory)).items).toEqual([])
    expect((await world.remove(mallory, `${path}/furniture`)).status).toBe(404)
    await world.remove(mallory, path)
    expect((await interests(world, ada)).items).toHaveLength(1)
  })
})

it('a purchase weighs as much as four questions of the same day, whatever its quantity', () => {
  const sign = { _id: '', userId: newId('usr'), at: start }
  const signs = [
    { ...sign, category: 'a', kind: 'bought' as const, quantity: 7 },
    ...Array.from({ length: 4 }, () => ({ ...sign, category: 'b', kind: 'asked' as const, quantity: 1 })),
  ]
  const [a, b] = interestsOf(signs, start)
  expect([a?.weight, b?.weight, a?.bought, b?.asked]).toEqual([0.5, 0.5, 7, 4])
})

describe('conversations', () => {
  const list = '/v1/assistant/conversations'

  it('are listed by their newest message, a page at a time', async () => {
    const world = aWorld()
    const actor = anActor('guest')
    const ids: string[] = []
    for (const words of ['Hello', 'Good morning', 'Thanks']) {
      ids.push((await world.say(actor, words)).json.conversationId)
      vi.advanceTimersByTime(1_000)
    }
    await world.say(actor, 'Hello', { conversationId: ids[0] ?? '' })
    const first = (await world.get(actor, `${list}?limit=2`)).json
    const second = (await world.get(actor, `${list}?limit=2&cursor=${first.nextCursor}`)).json
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([ids[0], ids[2], ids[1]])
    expect(first.items[0]).toMatchObject({ title: 'Hello', messageCount: 4 })
    expect(second.nextCursor).toBeNull()
  })

  it('are read with their messages, and are gone when they are deleted', async () => {
    const world = aWorld()
    const actor = anActor('buyer')
    await world.sell()
    const { conversationId, text, products } = (await world.say(actor, 'walnut desk')).json
    const { messages } = (await world.get(actor, `${list}/${conversationId}`)).json
    expect(messages).toMatchObject([
      { role: 'user', text: 'walnut desk' },
      { role: 'assistant', text, products },
    ])
    expect((await world.remove(actor, `${list}/${conversationId}`)).status).toBe(204)
    expect((await world.get(actor, `${list}/${conversationId}`)).status).toBe(404)
    expect((await world.say(actor, 'walnut desk', { conversationId })).status).toBe(404)

    await world.say(actor, 'Hello')
    const other = anActor('buyer')
    await world.say(other, 'Hello')
    expect((await world.remove(actor, list)).status).toBe(204)
    expect((await world.get(actor, list)).json.items).toEqual([])
    expect((await world.get(other, list)).json.items).toHaveLength(1)
  })

  it('that are deleted while an answer is composed do not come back', async () => {
    const world = aWorld()
    const actor = anActor('buyer')
    const { conversationId } = (await world.say(actor, 'Hello')).json
    const { response, events } = await world.stream(actor, 'Hello', { conversationId })
    await world.remove(actor, `${list}/${conversationId}`)
    expect(response.status).toBe(200)
    expect((await events()).at(-1)).toMatchObject({ event: 'error', data: { code: 'not_found', status: 404 } })
    expect((await world.get(actor, list)).json.items).toEqual([])
  })

  it('of one user are two hundred at most: the oldest are deleted', async () => {
    const world = aWorld()
    const actor = anActor('buyer')
    const made = Array.from({ length: 200 }, (_, at) => ({
      ...{ _id: newId('cnv'), userId: actor.userId, title: `${at}`, turns: [], turnCount: 0, offered: null, confirmed: null },
      ...{ createdAt: at, updatedAt: at },
    }))
    for (const conversation of made.slice(0, 3)) await world.deps.conversations.begin(conversation)
    await world.deps.documents.collection({ name: 'conversations' }).insertAbsent(made.slice(3))
    await world.say(actor, 'Hello')
    const exists = async (at: number) => (await world.deps.conversations.load(actor.userId, made[at]?._id ?? 'cnv_')) !== null
    expect([await exists(0), await exists(1), await exists(199)]).toEqual([false, true, true])
  })

  it('are deleted half a year after their last message', async () => {
    const world = aWorld()
    const actor = anActor('buyer')
    await world.say(actor, 'Hello')
    vi.setSystemTime(start + 180 * day)
    await sweep(world.deps)
    expect((await world.get(actor, list)).json.items).toHaveLength(1)
    vi.setSystemTime(start + 180 * day + 1)
    await sweep(world.deps)
    expect((await world.get(actor, list)).json.items).toEqual([])
  })
})
