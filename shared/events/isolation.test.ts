import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../contracts/errors'
import { type Envelope, type Handlers, maxEventBytes } from '../contracts/events'
import { newId } from '../contracts/ids'
import type { StoreBindings } from '../storage/store'
import { aCanceledOrder, aClock, canceledOrder } from '../testing/factories'
import { deliver } from '../testing/queue'
import { baseDeps } from '../worker/base-deps'
import { consumer } from './consume'
import { flush, outboxIndex, type Stored, saveWithEvents, withOutbox } from './outbox'
import { publisher } from './publish'

const bindings = env as unknown as StoreBindings
const deps = baseDeps('order', bindings)
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).byteLength

/** Inboxes that record the ids of what they take. */
function recording() {
  const taken: Record<string, string[]> = {}
  const queue = (name: string) => ({
    sendBatch: async (messages: { body: unknown }[]) => {
      taken[name] = [...(taken[name] ?? []), ...messages.map(({ body }) => (body as Envelope).id)]
    },
  })
  const queues = ['INVENTORY', 'PAYMENT', 'NOTIFICATION', 'SELLER_DASHBOARD', 'AUDIT'].map((name) => [
    `QUEUE_${name}`,
    queue(name),
  ])
  return { taken, publish: publisher(Object.fromEntries(queues)) }
}

describe('an event that is too large for a queue', () => {
  type Thing = Stored & { state: string }
  const things = deps.documents.collection<Thing>({ name: 'large_things', indexes: [outboxIndex] })
  const numbered = (number: string) => deps.event('order.canceled', 'ord_1', { ...canceledOrder(), number })
  /** One that was put into an outbox when the limit was another. */
  const tooLarge = () => ({ ...aCanceledOrder(), source: `/workers/${'x'.repeat(maxEventBytes)}` }) as unknown as Envelope

  it('cannot be created, to the byte, so that nothing is written that could not be published', async () => {
    // A replay adds its id to it, and must fit too.
    const replayed = (number: string) => ({ ...numbered(number), replay: newId('rpl') })
    const room = maxEventBytes - bytesOf(replayed(''))
    expect(bytesOf(replayed('x'.repeat(room)))).toBe(maxEventBytes)
    const thing: Thing = { _id: newId('ord'), state: 'new', ...withOutbox([]) }
    await things.insertOne(thing)
    const save = async () => saveWithEvents(things, thing, { state: 'changed' }, [numbered('x'.repeat(room + 1))])
    await expect(save()).rejects.toMatchObject({ code: 'event_too_large' })
    expect(await things.findOne({ _id: thing._id })).toEqual(thing)
  })

  it('is refused when published, and reaches none of its inboxes', async () => {
    const { taken, publish } = recording()
    await expect(publish([aCanceledOrder(), tooLarge()])).rejects.toMatchObject({ code: 'event_too_large' })
    expect(taken).toEqual({})
  })

  it('delays no other document’s events, and stays in its outbox', async () => {
    const { taken, publish } = recording()
    const events = [aCanceledOrder(), tooLarge(), aCanceledOrder()]
    const documents = events.map((event): Thing => ({ _id: newId('ord'), state: 'new', ...withOutbox([event]) }))
    await things.insertAbsent(documents)
    await flush({ collection: things, publish }, documents)
    expect(taken.INVENTORY).toEqual([events[0]?.id, events[2]?.id])
    const left = await things.find({ _id: { $in: documents.map(({ _id }) => _id) }, outboxPending: true })
    expect(left.map(({ _id }) => _id)).toEqual([documents[1]?._id])
  })
})

afterEach(() => void vi.useRealTimers())

describe('a batch', () => {
  type Deps = typeof deps
  const consuming = (handle: (event: Envelope<'order.canceled'>) => Promise<void>, timeoutMs?: number) =>
    consumer<'inventory', object, Deps>(
      'inventory',
      { 'order.paid': async () => {}, 'order.canceled': handle } satisfies Handlers<'inventory', Deps>,
      () => baseDeps('inventory', bindings, undefined, { now: aClock() }) as unknown as Deps,
      { random: () => 0, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    )

  it('is not delayed by a handler that hangs; its message is retried', async () => {
    const hanging = aCanceledOrder()
    const handler = consuming(({ id }) => (id === hanging.id ? new Promise(() => {}) : Promise.resolve()), 20)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const delivering = deliver(handler, {}, 'inventory', [aCanceledOrder(), hanging, aCanceledOrder()])
    await vi.advanceTimersByTimeAsync(20)
    const { acked, retried } = await delivering
    expect([acked, retried]).toEqual([['m0', 'm2'], [{ msgId: 'm1', delaySeconds: 1 }]])
  })

  it('has its good messages handled, its poison messages parked and its failed messages retried', async () => {
    const [poison, unlucky] = [aCanceledOrder(), aCanceledOrder()]
    const good = Array.from({ length: 4 }, aCanceledOrder)
    const handled: string[] = []
    const handler = consuming(async ({ id }) => {
      if (id === poison.id) throw new AppError('invalid_state', 'poison')
      if (id === unlucky.id) throw new AppError('unavailable')
      handled.push(id)
    })
    const bodies = [good[0], poison, good[1], 'no event', good[2], unlucky, good[3]]
    const { acked, retried } = await deliver(handler, {}, 'inventory', bodies)
    expect(handled.sort()).toEqual(good.map(({ id }) => id).sort())
    expect([acked, retried.map(({ msgId }) => msgId)]).toEqual([['m0', 'm1', 'm2', 'm3', 'm4', 'm6'], ['m5']])
    const parked = await baseDeps('inventory', bindings).deadLetters.find({})
    expect(parked.map(({ error }) => error).sort()).toEqual(['AppError: poison', 'Error: Not an event this Worker knows'])
  })
})
