import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { consumers, type Envelope, type Handlers, replayable } from '../contracts/events'
import { newId } from '../contracts/ids'
import type { StoreBindings } from '../storage/store'
import { aCanceledOrder, aClock } from '../testing/factories'
import { deliver } from '../testing/queue'
import { baseDeps } from '../worker/base-deps'
import { consumer } from './consume'
import { countWaiting, deadLettersApi, park } from './dead-letters'

const bindings = env as unknown as StoreBindings
const clock = aClock()
const { deadLetters: letters } = baseDeps('order', bindings)
const api = deadLettersApi(letters)
const settled = { by: newId('usr'), at: clock(), reason: null }
beforeEach(() => letters.deleteMany({}))

/** Parks so many messages, a millisecond apart. */
async function some(count: number): Promise<string[]> {
  const ids: string[] = []
  for (let each = 0; each < count; each++) {
    const event = aCanceledOrder()
    const facts = { worker: 'order' as const, type: event.type, eventId: event.id, body: event, error: 'Error: no', attempts: 3 }
    await park(letters, { _id: `order:${event.id}`, ...facts, failedAt: clock() })
    ids.push(`order:${event.id}`)
    clock.advance(1)
  }
  return ids
}

describe('dead letters', () => {
  it('wait until they are seen to, and are counted as long', async () => {
    const [first = '', second = '', third = ''] = await some(3)
    expect(await countWaiting(letters)).toBe(3)
    expect((await api.claim([first], settled)).map(({ _id }) => _id)).toEqual([first])
    expect(await api.discard(second, { ...settled, reason: 'obsolete' })).toBe(true)
    expect(await countWaiting(letters)).toBe(1)
    expect(await api.open(undefined, 10)).toEqual([first, third])
    await letters.deleteMany({})
    expect(await countWaiting(letters)).toBe(0)
  })

  it('are listed without what they hold, newest first, from a place on', async () => {
    const ids = (await some(5)).reverse()
    const first = await api.list({}, undefined, 2)
    const last = first.at(-1)
    const rest = await api.list({}, last && { at: last.failedAt, id: last._id }, 10)
    expect([...first, ...rest].map(({ _id }) => _id)).toEqual(ids)
    expect(first[0]).not.toHaveProperty('body')
    expect(await api.list({ state: 'discarded' }, undefined, 10)).toEqual([])
    expect(await api.list({ type: 'order.paid' }, undefined, 10)).toEqual([])
  })

  it('that were given up stay so when the queue delivers them again', async () => {
    const [id = ''] = await some(1)
    await api.discard(id, { ...settled, reason: 'obsolete' })
    const before = await api.read(id)
    const { settled: _settled, state: _state, parked: _parked, ...facts } = before ?? expect.fail('no letter')
    await park(letters, facts)
    expect(await api.read(id)).toEqual(before)
  })

  it('that are settled are claimed and discarded no more', async () => {
    const [id = ''] = await some(1)
    const claimed = await api.claim([id], settled)
    await api.settle(claimed)
    expect(await api.read(id)).toMatchObject({ state: 'redriven', settled })
    expect(await api.claim([id], settled)).toEqual([])
    expect(await api.discard(id, settled)).toBe(false)
  })

  it('that failed again are not settled by the redrive before', async () => {
    const [id = ''] = await some(1)
    const claimed = await api.claim([id], settled)
    for (const { _id, worker, type, eventId, body, error, attempts } of claimed)
      await park(letters, { _id, worker, type, eventId, body, error, attempts, failedAt: clock() })
    await api.claim([id], settled)
    await api.settle(claimed)
    expect(await api.read(id)).toMatchObject({ state: 'redriving', parked: 2 })
  })

  it('are forgotten once they were seen to long ago', async () => {
    const [old = '', late = '', open = ''] = await some(3)
    await api.discard(old, { ...settled, at: 1_000 })
    await api.discard(late, { ...settled, at: 2_000 })
    await api.claim([open], { ...settled, at: 1_000 })
    await api.forget(2_000)
    expect((await letters.find({})).map(({ _id }) => _id).sort()).toEqual([late, open].sort())
  })
})

it('takes replayed events only where handlers do no more than keep state; elsewhere they are parked unseen', async () => {
  for (const worker of consumers) {
    const handled: string[] = []
    const handlers = { 'order.canceled': async ({ id }: Envelope) => void handled.push(id) } as unknown as Handlers<
      'order',
      object
    >
    const deps = baseDeps('order', bindings)
    const queue = consumer(worker as 'order', handlers as never, () => ({ deadLetters: deps.deadLetters, now: deps.now }))
    const event = { ...aCanceledOrder(), replay: newId('rpl') }
    expect(await deliver(queue, {}, worker, [event])).toEqual({ acked: ['m0'], retried: [] })
    const letter = await api.read(`${worker}:${event.id}`)
    expect(handled).toEqual(replayable.includes(worker) ? [event.id] : [])
    if (replayable.includes(worker)) expect(letter).toBeNull()
    else
      expect(letter).toMatchObject({ state: 'waiting', body: event, error: expect.stringContaining('does not accept replayed events') })
  }
})
