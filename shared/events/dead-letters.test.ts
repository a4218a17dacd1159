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
const { deadLetters } = baseDeps('order', bindings)
const api = deadLettersApi(deadLetters)
const resolution = { by: newId('usr'), at: clock(), reason: null }
beforeEach(() => deadLetters.deleteMany({}))

/** Parks this many messages, a millisecond apart. */
async function parkSome(count: number): Promise<string[]> {
  const ids: string[] = []
  for (let each = 0; each < count; each++) {
    const event = aCanceledOrder()
    const facts = { worker: 'order' as const, type: event.type, eventId: event.id, body: event, error: 'Error: no', attempts: 3 }
    await park(deadLetters, { _id: `order:${event.id}`, ...facts, failedAt: clock() })
    ids.push(`order:${event.id}`)
    clock.advance(1)
  }
  return ids
}

describe('dead letters', () => {
  it('wait and are counted until an operator resolves them', async () => {
    const [first = '', second = '', third = ''] = await parkSome(3)
    expect(await countWaiting(deadLetters)).toBe(3)
    expect((await api.claim([first], resolution)).map(({ _id }) => _id)).toEqual([first])
    expect(await api.discard(second, { ...resolution, reason: 'obsolete' })).toBe(true)
    expect(await countWaiting(deadLetters)).toBe(1)
    expect(await api.open(undefined, 10)).toEqual([first, third])
    await deadLetters.deleteMany({})
    expect(await countWaiting(deadLetters)).toBe(0)
  })

  it('are listed without their messages, newest first, from a place on', async () => {
    const ids = (await parkSome(5)).reverse()
    const first = await api.list({}, undefined, 2)
    const last = first.at(-1)
    const rest = await api.list({}, last && { at: last.failedAt, id: last._id }, 10)
    expect([...first, ...rest].map(({ _id }) => _id)).toEqual(ids)
    expect(first[0]).not.toHaveProperty('body')
    expect(await api.list({ state: 'discarded' }, undefined, 10)).toEqual([])
    expect(await api.list({ type: 'order.paid' }, undefined, 10)).toEqual([])
  })

  it('that were discarded stay discarded when the queue delivers them again', async () => {
    const [id = ''] = await parkSome(1)
    await api.discard(id, { ...resolution, reason: 'obsolete' })
    const before = await api.read(id)
    const { settled: _settled, state: _state, parked: _parked, ...facts } = before ?? expect.fail('no dead letter')
    await park(deadLetters, facts)
    expect(await api.read(id)).toEqual(before)
  })

  it('that are resolved cannot be claimed or discarded again', async () => {
    const [id = ''] = await parkSome(1)
    const claimed = await api.claim([id], resolution)
    await api.markRedriven(claimed)
    expect(await api.read(id)).toMatchObject({ state: 'redriven', settled: resolution })
    expect(await api.claim([id], resolution)).toEqual([])
    expect(await api.discard(id, resolution)).toBe(false)
  })

  it('that failed again are not marked as redriven by the earlier redrive', async () => {
    const [id = ''] = await parkSome(1)
    const claimed = await api.claim([id], resolution)
    for (const { _id, worker, type, eventId, body, error, attempts } of claimed)
      await park(deadLetters, { _id, worker, type, eventId, body, error, attempts, failedAt: clock() })
    await api.claim([id], resolution)
    await api.markRedriven(claimed)
    expect(await api.read(id)).toMatchObject({ state: 'redriving', parked: 2 })
  })

  it('are deleted once they were resolved long ago', async () => {
    const [old = '', late = '', open = ''] = await parkSome(3)
    await api.discard(old, { ...resolution, at: 1_000 })
    await api.discard(late, { ...resolution, at: 2_000 })
    await api.claim([open], { ...resolution, at: 1_000 })
    await api.forget(2_000)
    expect((await deadLetters.find({})).map(({ _id }) => _id).sort()).toEqual([late, open].sort())
  })
})

it('handles replayed events only where handlers do no more than keep state, and parks them elsewhere', async () => {
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
    const parked = await api.read(`${worker}:${event.id}`)
    expect(handled).toEqual(replayable.includes(worker) ? [event.id] : [])
    if (replayable.includes(worker)) expect(parked).toBeNull()
    else
      expect(parked).toMatchObject({
        state: 'waiting',
        body: event,
        error: expect.stringContaining('does not accept replayed events'),
      })
  }
})
