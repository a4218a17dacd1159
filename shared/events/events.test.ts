import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { AppError } from '../contracts/errors'
import type { Envelope, Handlers } from '../contracts/events'
import type { StoreBindings } from '../storage/store'
import { aCanceledOrder, aClock, anEvent, canceledOrder } from '../testing/factories'
import { deliver } from '../testing/queue'
import { baseDeps } from '../worker/base-deps'
import { backoff, consumer, parseEnvelope } from './consume'
import { inboxBinding, publisher } from './publish'

const bindings = env as unknown as StoreBindings
const deps = () => baseDeps('order', bindings)

describe('publish', () => {
  const recording = () => {
    const inboxes: Record<string, unknown[][]> = {}
    const queue = (name: string) => ({
      sendBatch: async (messages: { body: unknown }[]) => {
        inboxes[name] = [...(inboxes[name] ?? []), messages.map(({ body }) => body)]
      },
    })
    const queues = Object.fromEntries(
      ['INVENTORY', 'PAYMENT', 'NOTIFICATION', 'SELLER_DASHBOARD', 'AUDIT'].map((name) => [`QUEUE_${name}`, queue(name)]),
    )
    return { inboxes, publish: publisher(queues) }
  }

  it('puts an event into the inboxes in `to` and of audit, and into no other', async () => {
    const { inboxes, publish } = recording()
    const event = aCanceledOrder()
    await publish([event])
    const everyone = ['INVENTORY', 'PAYMENT', 'NOTIFICATION', 'SELLER_DASHBOARD', 'AUDIT']
    expect(inboxes).toEqual(Object.fromEntries(everyone.map((name) => [name, [[event]]])))
  })

  it('keeps batches within the limits of the platform', async () => {
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

  it('measures batches in bytes, up to three per character', async () => {
    const { inboxes, publish } = recording()
    const source = `/workers/${'机'.repeat(30_000)}`
    await publish(Array.from({ length: 5 }, () => ({ ...aCanceledOrder(), source }) as unknown as Envelope))
    expect(inboxes.PAYMENT?.map((batch) => batch.length)).toEqual([2, 2, 1])
  })

  it('rejects when one inbox fails or its binding is missing', async () => {
    const taking = { sendBatch: async () => {} }
    const failing = {
      sendBatch: async () => {
        throw new Error('down')
      },
    }
    const others = { QUEUE_NOTIFICATION: taking, QUEUE_SELLER_DASHBOARD: taking, QUEUE_AUDIT: taking }
    const queues = { QUEUE_INVENTORY: taking, QUEUE_PAYMENT: failing, ...others }
    await expect(publisher(queues)([aCanceledOrder()])).rejects.toThrow('down')
    await expect(publisher({})([aCanceledOrder()])).rejects.toThrow('QUEUE_INVENTORY')
  })

  it('makes another Worker’s event a compile error', () => {
    // @ts-expect-error order.canceled is from order
    const event = baseDeps('inventory', bindings).event('order.canceled', 'ord_1', canceledOrder())
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
      // No chance: each wait is as long as it can be.
      { random: () => 0 },
    )
  const deadLettersOf = () => baseDeps('inventory', bindings).deadLetters

  it('calls the handler of an event with its trace, and acks the message', async () => {
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
    await deadLettersOf().deleteMany({})
    const { acked, retried } = await deliver(consuming({}), {}, 'inventory', [body], { queue: `credenza-inventory` })
    expect({ acked, retried }).toEqual({ acked: ['m0'], retried: [] })
    expect(await deadLettersOf().find({})).toMatchObject([{ error: 'Error: Not an event this Worker knows', body }])
  })

  it('parks a message that can never succeed once, however often it is delivered', async () => {
    const handler = consuming({
      'order.canceled': async () => {
        throw new AppError('invalid_state', 'never')
      },
    })
    const event = aCanceledOrder()
    for (let i = 0; i < 3; i++) expect((await deliver(handler, {}, 'inventory', [event])).acked).toEqual(['m0'])
    const found = await deadLettersOf().find({ eventId: event.id })
    expect(found).toMatchObject([
      { worker: 'inventory', type: 'order.canceled', error: 'AppError: never', body: { id: event.id } },
    ])
  })

  it('retries any other failure with backoff, without delaying the rest of the batch', async () => {
    const bad = aCanceledOrder()
    const handler = consuming({
      'order.canceled': async ({ id }) => {
        if (id === bad.id) throw new TypeError('a bug, or a restart')
      },
    })
    const { acked, retried } = await deliver(handler, {}, 'inventory', [aCanceledOrder(), bad, aCanceledOrder()], { attempts: 3 })
    expect(acked).toEqual(['m0', 'm2'])
    expect(retried).toEqual([{ msgId: 'm1', delaySeconds: 4 }])
    expect(await deadLettersOf().find({ eventId: bad.id })).toEqual([])
  })

  it('waits as long as the error asks, but never less than the backoff', async () => {
    const handler = consuming({
      'order.canceled': async () => {
        throw new AppError('busy', undefined, { retryAfter: 7 })
      },
    })
    const delayAt = async (attempts: number) =>
      (await deliver(handler, {}, 'inventory', [aCanceledOrder()], { attempts })).retried[0]?.delaySeconds
    expect([await delayAt(1), await delayAt(5), await delayAt(20)]).toEqual([7, 16, 60])
  })

  it('stores a message that the platform gave up on', async () => {
    const event = aCanceledOrder()
    const { acked } = await deliver(consuming({}), {}, 'inventory', [event], { queue: 'credenza-inventory-dlq', attempts: 1 })
    expect(acked).toEqual(['m0'])
    expect(await deadLettersOf().find({ eventId: event.id })).toMatchObject([
      { error: 'Error: Retries are used up', body: { id: event.id } },
    ])
  })

  it('retries for days to store it, since there is nothing behind the dead letters', async () => {
    // As a database says it whose circuit breaker is open.
    const failing = async (): Promise<never> => {
      throw new AppError('unavailable', undefined, { retryAfter: 2 })
    }
    const handler = consumer<'inventory', object, TestDeps>(
      'inventory',
      { 'order.paid': ignore, 'order.canceled': ignore },
      () =>
        ({ ...deps(), deadLetters: Object.assign(Object.create(deadLettersOf()), { batch: failing }) }) as unknown as TestDeps,
      { random: () => 0 },
    )
    const at = async (attempts: number) =>
      (await deliver(handler, {}, 'inventory', [aCanceledOrder()], { queue: 'credenza-inventory-dlq', attempts })).retried
    expect([await at(1), await at(30)]).toEqual([[{ msgId: 'm0', delaySeconds: 2 }], [{ msgId: 'm0', delaySeconds: 3_600 }]])
  })

  it('backs off between half and the whole of a growing delay, from a second to a minute', () => {
    const waits = (random: number) => [1, 2, 3, 7, 50].map((attempts) => backoff(attempts, () => random))
    expect([waits(0), waits(0.999)]).toEqual([
      [1, 2, 4, 60, 60],
      [1, 2, 3, 31, 31],
    ])
  })

  it('accepts what it published itself', () => {
    const event = deps().event('order.canceled', 'ord_1', canceledOrder())
    expect(parseEnvelope(JSON.parse(JSON.stringify(event)))).toEqual(event)
  })
})
