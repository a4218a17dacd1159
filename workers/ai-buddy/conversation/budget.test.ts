import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../../shared/contracts/errors'
import { newId } from '../../../shared/contracts/ids'
import { anActor } from '../../../shared/testing/factories'
import { sweep } from '../sweep'
import { aWorld } from '../testing/fixtures'
import { messagesPerDay, tokensPerAnswer, tokensPerDay } from './budget'
import { takeTurn } from './turn'

const start = Date.UTC(2026, 10, 23, 23, 59)
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: start }))
afterEach(() => void vi.useRealTimers())

describe('a day’s messages', () => {
  it.each([
    ['buyer', messagesPerDay.others],
    ['guest', messagesPerDay.guest],
  ] as const)('of a %s end at %d, also when they come at once', async (role, most) => {
    const { deps, say } = aWorld()
    const actor = anActor(role)
    const spend = () => deps.budgets.spend(actor.userId, role, newId('msg'), start)
    const spent = await Promise.allSettled(Array.from({ length: most + 10 }, spend))
    expect(spent.filter(({ status }) => status === 'fulfilled')).toHaveLength(most)
    const { status, json, headers } = await say(actor, 'Hello')
    expect([status, json.code, headers.get('retry-after')]).toEqual([429, 'too_many_requests', '60'])
    vi.advanceTimersByTime(60_000)
    const next = await say(actor, 'Hello')
    expect([next.status, next.json.budget]).toEqual([200, { left: most - 1, resetsAt: '2026-11-25T00:00:00.000Z' }])
  })

  it('count one message once, however often it is tried', async () => {
    const { deps } = aWorld()
    const { userId } = anActor('buyer')
    const id = newId('msg')
    const spent = await Promise.all([1, 2, 3].map(() => deps.budgets.spend(userId, 'buyer', id, start)))
    expect(spent.map(({ left, modelTokens }) => [left, modelTokens])).toEqual(Array(3).fill([199, tokensPerAnswer]))
  })
})

describe('a message that gets no answer', () => {
  const left = async ({ say }: ReturnType<typeof aWorld>, actor: ReturnType<typeof anActor>) =>
    (await say(actor, 'Hello')).json.budget.left + 1

  it('is refunded once, even by several calls, and no other message is', async () => {
    const world = aWorld()
    const { deps } = world
    const actor = anActor('buyer')
    const [id, other] = [newId('msg'), newId('msg')]
    const allowance = await deps.budgets.spend(actor.userId, 'buyer', id, start)
    await deps.budgets.spend(actor.userId, 'buyer', other, start)
    await Promise.all([1, 2, 3].map(() => deps.budgets.refund(allowance, id)))
    expect(await left(world, actor)).toBe(199)
    expect((await deps.budgets.spend(actor.userId, 'buyer', id, start)).left).toBe(197)
  })

  it.each([
    ['unavailable', 503],
    ['busy', 409],
    ['internal', 500],
  ] as const)('as it ends in %s costs nothing, streamed or not', async (code, status) => {
    const world = aWorld()
    const actor = anActor('buyer')
    world.shop.before = () => {
      throw new AppError(code)
    }
    expect((await world.say(actor, 'What is in my cart?')).status).toBe(status)
    expect((await world.stream(actor, 'What is in my cart?')).response.status).toBe(status)
    expect(await left(world, actor)).toBe(200)
  })

  it('because its stream broke off costs nothing', async () => {
    const world = aWorld()
    const actor = anActor('buyer')
    const { events } = await world.stream(actor, 'Hello')
    let writes = 0
    world.store.before = (action) => {
      if (action === 'insertOne' && writes++ === 0) throw new Error('the store went away')
    }
    expect((await events()).at(-1)?.event).toBe('error')
    expect(await left(world, actor)).toBe(200)
  })

  it('because others filled the conversation costs nothing: of 250 at once, only those that are answered count', async () => {
    const world = aWorld()
    const actor = anActor('buyer')
    const { conversationId } = (await world.say(actor, 'Hello')).json
    const answers = await Promise.all(Array.from({ length: 250 }, () => world.say(actor, 'Hello', { conversationId })))
    const answered = answers.filter(({ status }) => status === 200).length + 1
    expect(new Set(answers.map(({ status }) => status)).has(409)).toBe(true)
    expect([answered, await left(world, actor)]).toEqual([50, 150])
  })
})

describe('a day’s tokens of the model', () => {
  it('are reserved before they are taken, so that many answers at once cannot take more than a day has', async () => {
    const { deps } = aWorld()
    const { userId } = anActor('buyer')
    const spend = () => deps.budgets.spend(userId, 'buyer', newId('msg'), start)
    const spent = await Promise.all(Array.from({ length: 15 }, spend))
    expect(spent.reduce((total, { modelTokens }) => total + modelTokens, 0)).toBe(tokensPerDay)
    expect((await spend()).modelTokens).toBe(0)
  })

  it('are released as far as they were not taken, once', async () => {
    const { deps } = aWorld()
    const { userId } = anActor('buyer')
    const take = async (tokens: number) => {
      const id = newId('msg')
      const allowance = await deps.budgets.spend(userId, 'buyer', id, start)
      await deps.budgets.release(allowance, id, tokens)
      await deps.budgets.release(allowance, id, tokens)
      return allowance.modelTokens
    }
    const given: number[] = []
    for (let n = 0; n < 20; n++) given.push(await take(3_000))
    expect(given.filter((tokens) => tokens > 0)).toHaveLength(13)
  })
})

it('tokens reserved for an answer that could not be made, or is stored already, are released', async () => {
  const { deps, shop, say } = aWorld()
  const actor = anActor('buyer')
  const taken = async () => {
    const found = await deps.documents.collection<{ _id: string; modelTokens: number }>({ name: 'budgets' }).find({})
    return found.find(({ _id }) => _id.startsWith(actor.userId))?.modelTokens
  }
  shop.before = () => {
    throw new AppError('unavailable')
  }
  expect((await say(actor, 'What is in my cart?')).status).toBe(503)
  expect(await taken()).toBe(0)
  shop.before = () => undefined
  const asked = {
    messageId: newId('msg'),
    conversationId: null,
    beginning: newId('cnv'),
    message: 'Hello',
    confirm: false,
    filters: {},
  }
  for (const resumed of [false, true])
    for await (const _part of await takeTurn(deps, actor, { ...asked, resumed }, new AbortController().signal));
  expect(await taken()).toBe(0)
})

it('what a user spent is deleted a day later', async () => {
  const { deps, say } = aWorld()
  const actor = anActor('buyer')
  await say(actor, 'Hello')
  const budgets = deps.documents.collection({ name: 'budgets' })
  const stored = async () => (await budgets.find({})).filter(({ _id }) => _id.startsWith(actor.userId)).length
  await sweep(deps)
  expect(await stored()).toBe(1)
  vi.advanceTimersByTime(24 * 3_600_000 + 60_001)
  await sweep(deps)
  expect(await stored()).toBe(0)
})
