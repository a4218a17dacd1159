import { describe, expect, it } from 'vitest'
import { AppError } from '../../../shared/contracts/errors'
import { newId } from '../../../shared/contracts/ids'
import type { World } from '../testing/fixtures'
import { onceOf, proposed } from '../testing/proposal-fixtures'
import { maxTurns } from './conversation'

const keyed = () => ({ 'idempotency-key': newId('req') })

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
      'before the turn is stored',
      ({ shop, store }) => {
        shop.after = onceOf('cart.add', () => {
          store.before = onceOf('batch', died)
        })
      },
    ],
  ]
  it.each(crashes)('when the isolate dies %s, and the message is sent again under its key', async (_when, crash) => {
    const { world, actor, conversationId, pieces } = await proposed()
    const key = keyed()
    crash(world)
    expect((await world.say(actor, 'yes', { conversationId }, key)).status).toBeGreaterThanOrEqual(500)
    const { status, json } = await world.say(actor, 'yes', { conversationId }, key)
    expect([status, pieces()]).toEqual([200, 2])
    expect(json.text).toMatch(/added 2 × “Walnut writing desk”/)
    await world.say(actor, 'yes', { conversationId })
    expect([pieces(), (await world.say(actor, 'Hello')).json.budget.left]).toEqual([2, 196])
  })

  it.each(crashes)('when the isolate dies %s, and another yes is sent', async (_when, crash) => {
    const { world, actor, conversationId, pieces } = await proposed()
    crash(world)
    expect((await world.say(actor, 'yes', { conversationId })).status).toBeGreaterThanOrEqual(500)
    const { status, json } = await world.say(actor, 'yes', { conversationId })
    expect([status, pieces(), json.text]).toEqual([200, 2, expect.stringMatching(/added 2 × “Walnut writing desk”/)])
    await world.say(actor, 'yes', { conversationId })
    expect(pieces()).toBe(2)
  })

  const held = ({ deps }: World) => deps.documents.collection({ name: 'conversations' })
  /** As other devices would. */
  const fill = (world: World, _id: string) => held(world).updateOne({ _id }, { $set: { turnCount: maxTurns } })
  const losses: [string, (world: World, _id: string) => Promise<unknown>][] = [
    ['is deleted', (world, _id) => held(world).deleteOne({ _id })],
    ['is filled', fill],
  ]
  it.each(losses)('and says so when the conversation %s just then', async (_how, lose) => {
    const { world, actor, conversationId, pieces } = await proposed()
    world.shop.after = onceOf('cart.add', () => lose(world, conversationId))
    const { status, json } = await world.say(actor, 'yes', { conversationId })
    expect([status, pieces(), json.text]).toEqual([200, 2, expect.stringMatching(/added 2 × “Walnut writing desk”/)])
    expect((await world.say(actor, 'Hello')).json.budget.left).toBe(197)
  })

  it('and says so to a retry although the conversation is full by then', async () => {
    const { world, actor, conversationId, pieces } = await proposed()
    const key = keyed()
    world.shop.after = onceOf('cart.add', died)
    expect((await world.say(actor, 'ok', { conversationId }, key)).status).toBeGreaterThanOrEqual(500)
    await fill(world, conversationId)
    const { status, json } = await world.say(actor, 'ok', { conversationId }, key)
    expect([status, pieces(), json.text]).toEqual([200, 2, expect.stringMatching(/added 2 × “Walnut writing desk”/)])
  })

  it('but not where the conversation is full by then, although it had room when it was read', async () => {
    const { world, actor, conversationId, pieces } = await proposed()
    let isFull: Promise<unknown> = Promise.resolve()
    world.shop.before = onceOf('product.describe', () => {
      isFull = fill(world, conversationId)
    })
    const { status, json } = await world.say(actor, 'yes', { conversationId })
    await isFull
    expect([status, json.code, pieces()]).toEqual([409, 'invalid_state', 0])
    expect((await world.say(actor, 'Hello')).json.budget.left).toBe(198)
  })

  const refused = async (world: World, say: () => ReturnType<World['say']>) => {
    world.shop.before = onceOf('cart.add', () => {
      throw new AppError('unavailable')
    })
    expect((await say()).status).toBe(503)
  }

  it.each(['no thanks', 'How much is it?', 'Hello'])(
    'but not by a later yes when it broke off and another message came between: %s',
    async (words) => {
      const { world, actor, conversationId, pieces } = await proposed()
      await refused(world, () => world.say(actor, 'yes', { conversationId }))
      await world.say(actor, words, { conversationId })
      const { json } = await world.say(actor, 'yes', { conversationId })
      expect([pieces(), json.text]).toEqual([0, expect.stringContaining('nothing waiting')])
    },
  )

  it('but not by a retry of what broke off when a no came between', async () => {
    const { world, actor, conversationId, pieces } = await proposed()
    const key = keyed()
    await refused(world, () => world.say(actor, 'yes', { conversationId }, key))
    await world.say(actor, 'no thanks', { conversationId })
    await world.say(actor, 'yes', { conversationId }, key)
    expect(pieces()).toBe(0)
  })

  it('when the cart does not answer: the yes is a 503, and can be sent again', async () => {
    const { world, actor, conversationId, pieces } = await proposed()
    world.shop.before = onceOf('cart.add', () => {
      throw new AppError('unavailable')
    })
    const { status, headers } = await world.say(actor, 'yes', { conversationId })
    expect([status, Number(headers.get('retry-after')) >= 1]).toEqual([503, true])
    await world.say(actor, 'yes', { conversationId })
    expect(pieces()).toBe(2)
  })

  it('when another device confirms at the same moment, which is asked to wait', async () => {
    const { world, actor, conversationId, pieces } = await proposed()
    world.shop.before = onceOf('cart.add', () => {
      throw new AppError('idempotency_in_progress')
    })
    const { status, json, headers } = await world.say(actor, 'yes', { conversationId })
    expect([status, json.code, headers.get('retry-after')]).toEqual([409, 'busy', '1'])
    await world.say(actor, 'yes', { conversationId })
    expect(pieces()).toBe(2)
  })

  it('and reports what the cart refuses, which is not tried again', async () => {
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
