import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { AppError } from '../contracts/errors'
import type { Envelope, EventData, Handlers } from '../contracts/events'
import { newId } from '../contracts/ids'
import { aClock, anEvent, aPublisher } from '../testing/factories'
import { deliver } from '../testing/queue'
import { backoff, consumer, parseEnvelope } from './consume'
import { baseDeps } from './deps'
import { flushOutbox, outboxIndex, retryOnConflict, type Stored, saveWithEvents, sweepOutbox, withOutbox } from './outbox'
import { inboxBinding, publisher } from './publish'

const bindings = env as unknown as { DATA: unknown }
const deps = () => baseDeps('order', bindings)

const canceled = (): EventData<'order.canceled'> => ({
  ...{ version: 2, orderId: newId('ord'), number: 'C-1', buyerId: newId('usr'), email: null, status: 'canceled' },
  ...{ sellerIds: [newId('usr')], grand: { amount: 100, currency: 'USD' }, reason: 'buyer', wasPaid: false, items: [] },
})
const aCanceledOrder = () => anEvent('order.canceled', newId('ord'), canceled())

describe('publish', () => {
  const recording = () => {
    const inboxes: Record<string, unknown[][]> = {}
    const queue = (name: string) => ({
      sendBatch: async (messages: { body: unknown }[]) => {
        inboxes[name] = [...(inboxes[name] ?? []), messages.map(({ body }) => body)]
      },
    })
    const queues = Object.fromEntries(['INVENTORY', 'PAYMENT', 'NOTIFICATION'].map((name) => [`QUEUE_${name}`, queue(name)]))
    return { inboxes, publish: publisher(queues) }
  }

  it('puts an event into the inbox of everyone in `to`, and of nobody else', async () => {
    const { inboxes, publish } = recording()
    const event = aCanceledOrder()
    await publish([event])
    expect(inboxes).toEqual({ INVENTORY: [[event]], PAYMENT: [[event]], NOTIFICATION: [[event]] })
  })

  it('keeps batches within what the platform takes', async () => {
    const { inboxes, publish } = recording()
    await publish(Array.from({ length: 250 }, aCanceledOrder))
    expect(inboxes.INVENTORY?.map((batch) => batch.length)).toEqual([100, 100, 50])
    const large = Array.from(
      { length: 5 },
      () => ({ ...aCanceledOrder(), source: `/workers/${'x'.repeat(90_000)}` }) as unknown as Envelope,
    )
    await publish(large)
    expect(inboxes.PAYMENT?.slice(3).map((batch) => batch.length)).toEqual([2, 2, 1])
  })

  it('rejects when one inbox does not take it, and when a binding is missing', async () => {
    const taking = { sendBatch: async () => {} }
    const failing = {
      sendBatch: async () => {
        throw new Error('down')
      },
    }
    const queues = { QUEUE_INVENTORY: taking, QUEUE_PAYMENT: failing, QUEUE_NOTIFICATION: taking }
    await expect(publisher(queues)([aCanceledOrder()])).rejects.toThrow('down')
    await expect(publisher({})([aCanceledOrder()])).rejects.toThrow('QUEUE_INVENTORY')
  })

  it('makes another Worker’s event a compile error', () => {
    // @ts-expect-error order.canceled is from order
    const event = baseDeps('inventory', bindings).event('order.canceled', 'ord_1', canceled())
    expect(event.source).toBe('/workers/inventory')
  })

  it('names the binding of an inbox after its Worker', () => {
    expect(inboxBinding('notification')).toBe('QUEUE_NOTIFICATION')
  })
})

describe('consume', () => {
  type TestDeps = ReturnType<typeof deps>
  const ignore = async () => {}
  const consuming = (handlers: Partial<Handlers<'inventory', TestDeps>>, clock = aClock()) =>
    consumer<'inventory', object, TestDeps>(
      'inventory',
      { 'order.paid': ignore, 'order.canceled': ignore, ...handlers },
      (_env, trace) => baseDeps('inventory', bindings, trace, { now: clock }),
    )
  const letters = () => baseDeps('inventory', bindings).deadLetters

  it('hands an event to the handler of its name, with the trace it came in, and acks', async () => {
    const seen: string[] = []
    const handler = consuming({
      'order.canceled': async (event, { traceparent }) => {
        seen.push(event.id, traceparent)
      },
    })
    const event = aCanceledOrder()
    expect(await deliver(handler, {}, 'inventory', [event])).toEqual({ acked: ['m0'], retried: [] })
    expect(seen).toEqual([event.id, event.traceparent])
  })

  it.each([
    ['no object', 'nonsense'],
    ['no envelope', { hello: 1 }],
    ['an event for somebody else', anEvent('product.updated', 'prd_1', {} as never)],
    ['an event with data that does not match the catalogue', { ...aCanceledOrder(), data: { orderId: 7 } }],
    ['an unknown event', { ...aCanceledOrder(), type: 'order.vanished' }],
    ['a name of Object.prototype', { ...aCanceledOrder(), type: 'constructor' }],
  ])('parks %s and acks it', async (_what, body) => {
    const before = (await letters().find({})).length
    const { acked, retried } = await deliver(consuming({}), {}, 'inventory', [body], { queue: `credenza-inventory` })
    expect({ acked, retried }).toEqual({ acked: ['m0'], retried: [] })
    expect((await letters().find({})).length).toBeGreaterThanOrEqual(Math.max(1, before))
  })

  it('parks what can never succeed, once, however often it is delivered', async () => {
    const handler = consuming({
      'order.canceled': async () => {
        throw new AppError('invalid_state', 'never')
      },
    })
    const event = aCanceledOrder()
    for (let i = 0; i < 3; i++) expect((await deliver(handler, {}, 'inventory', [event])).acked).toEqual(['m0'])
    const found = await letters().find({ eventId: event.id })
    expect(found).toMatchObject([
      { worker: 'inventory', type: 'order.canceled', error: 'AppError: never', body: { id: event.id } },
    ])
  })

  it('retries anything else with backoff, without holding up the rest of the batch', async () => {
    const bad = aCanceledOrder()
    const handler = consuming({
      'order.canceled': async ({ id }) => {
        if (id === bad.id) throw new TypeError('a bug, or a restart')
      },
    })
    const { acked, retried } = await deliver(handler, {}, 'inventory', [aCanceledOrder(), bad, aCanceledOrder()], { attempts: 3 })
    expect(acked).toEqual(['m0', 'm2'])
    expect(retried).toEqual([{ msgId: 'm1', delaySeconds: 4 }])
    expect(await letters().find({ eventId: bad.id })).toEqual([])
  })

  it('waits as long as the error asks', async () => {
    const handler = consuming({
      'order.canceled': async () => {
        throw new AppError('busy', undefined, { retryAfter: 7 })
      },
    })
    expect((await deliver(handler, {}, 'inventory', [aCanceledOrder()])).retried).toEqual([{ msgId: 'm0', delaySeconds: 7 }])
  })

  it('stores what the platform gave up on', async () => {
    const event = aCanceledOrder()
    const { acked } = await deliver(consuming({}), {}, 'inventory', [event], { queue: 'credenza-inventory-dlq', attempts: 1 })
    expect(acked).toEqual(['m0'])
    expect(await letters().find({ eventId: event.id })).toMatchObject([
      { error: 'Error: Retries are used up', body: { id: event.id } },
    ])
  })

  it('backs off up to a minute', () => {
    expect([1, 2, 3, 7, 50].map(backoff)).toEqual([1, 2, 4, 60, 60])
  })

  it('accepts what it published itself', () => {
    const event = deps().event('order.canceled', 'ord_1', canceled())
    expect(parseEnvelope(JSON.parse(JSON.stringify(event)))).toEqual(event)
  })
})

describe('outbox', () => {
  type Thing = Stored & { state: string }
  const things = () => deps().documents.collection<Thing>({ name: 'things', indexes: [outboxIndex] })
  const insert = async (events: Envelope[] = []) => {
    const thing: Thing = { _id: newId('ord'), state: 'new', ...withOutbox(events) }
    await things().insertOne(thing)
    return thing
  }
  const load = (id: string) => things().findOne({ _id: id })

  it('writes state, version and events at once, and refuses who comes second', async () => {
    const thing = await insert()
    const event = aCanceledOrder()
    await saveWithEvents(things(), thing, { state: 'first' }, [event])
    await expect(saveWithEvents(things(), thing, { state: 'second' }, [aCanceledOrder()])).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(await load(thing._id)).toMatchObject({ state: 'first', version: 2, outbox: [event], outboxPending: true })
  })

  it('is empty after a flush', async () => {
    const event = aCanceledOrder()
    const thing = await insert([event])
    const queue = aPublisher()
    await flushOutbox(things(), queue.publish, thing._id, [event])
    expect(queue.sent).toEqual([event])
    expect(await load(thing._id)).toMatchObject({ outbox: [], outboxPending: false })
  })

  it('keeps what could not be sent, and the sweep sends it, once the queue is back', async () => {
    const queue = aPublisher()
    queue.down = true
    const event = aCanceledOrder()
    const thing = await insert([event])
    await flushOutbox(things(), queue.publish, thing._id, [event])
    expect(await load(thing._id)).toMatchObject({ outbox: [event], outboxPending: true })
    queue.down = false
    await sweepOutbox(things(), queue.publish)
    expect(queue.sent).toContainEqual(event)
    expect(await load(thing._id)).toMatchObject({ outbox: [], outboxPending: false })
    expect(await sweepOutbox(things(), queue.publish)).toBe(0)
  })

  it('does not lose an event that comes while another is being sent', async () => {
    const [first, second] = [aCanceledOrder(), aCanceledOrder()]
    const thing = await insert([first])
    const sent: Envelope[] = []
    await flushOutbox(
      things(),
      async (events) => {
        sent.push(...events)
        await saveWithEvents(things(), thing, { state: 'next' }, [second])
      },
      thing._id,
      [first],
    )
    expect(await load(thing._id)).toMatchObject({ outbox: [second], outboxPending: true })
    await sweepOutbox(things(), async (events) => void sent.push(...events))
    expect(sent).toEqual([first, second])
  })

  it('tries a lost race again, and not for ever', async () => {
    let tries = 0
    const losing = (until: number) => async () => {
      if (++tries < until) throw new AppError('conflict')
      return tries
    }
    expect(await retryOnConflict(losing(3))).toBe(3)
    tries = 0
    await expect(retryOnConflict(losing(100), 4)).rejects.toMatchObject({ code: 'conflict' })
    expect(tries).toBe(4)
  })
})
