import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { AppError } from '../contracts/errors'
import type { Envelope } from '../contracts/events'
import { newId } from '../contracts/ids'
import type { StoreBindings } from '../storage/store'
import { aCanceledOrder, aPublisher } from '../testing/factories'
import { baseDeps } from '../worker/base-deps'
import { inSequence } from './in-sequence'
import { keepSuccessful } from './keep-successful'
import { flush, flushOutbox, outboxIndex, retryOnConflict, type Stored, saveWithEvents, sweepOutbox, withOutbox } from './outbox'

const bindings = env as unknown as StoreBindings
const deps = () => baseDeps('order', bindings)

describe('outbox', () => {
  type Thing = Stored & { state: string }
  const things = () => deps().documents.collection<Thing>({ name: 'things', indexes: [outboxIndex] })
  const insert = async (events: Envelope[] = []) => {
    const thing: Thing = { _id: newId('ord'), state: 'new', ...withOutbox(events) }
    await things().insertOne(thing)
    return thing
  }
  const load = (id: string) => things().findOne({ _id: id })

  it('writes state, version and events at once, and refuses the second of two writers', async () => {
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

  it('keeps events that could not be sent until the sweep sends them when the queue is back', async () => {
    const queue = aPublisher()
    queue.down = true
    const event = aCanceledOrder()
    const thing = await insert([event])
    await flushOutbox(things(), queue.publish, thing._id, [event])
    expect(await load(thing._id)).toMatchObject({ outbox: [event], outboxPending: true })
    queue.down = false
    await sweepOutbox({ collection: things(), publish: queue.publish })
    expect(queue.sent).toContainEqual(event)
    expect(await load(thing._id)).toMatchObject({ outbox: [], outboxPending: false })
    expect(await sweepOutbox({ collection: things(), publish: queue.publish })).toBe(0)
  })

  it('does not lose an event that is written while another is being sent', async () => {
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
    await sweepOutbox({ collection: things(), publish: async (events) => void sent.push(...events) })
    expect(sent).toEqual([first, second])
  })

  it('does not lose an event that is written while its whole document is flushed', async () => {
    const [first, second] = [aCanceledOrder(), aCanceledOrder()]
    const thing = await insert([first])
    const publish = () => saveWithEvents(things(), thing, { state: 'next' }, [second])
    await flush({ collection: things(), publish }, [thing])
    expect(await load(thing._id)).toMatchObject({ outbox: [second], outboxPending: true })
  })

  it('sends all other events in a few calls when one cannot be sent', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => insert([aCanceledOrder()])))
    const [bad, ...good] = made.sort((a, b) => (a._id < b._id ? -1 : 1))
    const sent = new Set<string>()
    const publish = async (events: readonly Envelope[]) => {
      if (events.some(({ id }) => id === bad?.outbox[0]?.id)) throw new Error('too large')
      for (const { id } of events) sent.add(id)
    }
    await sweepOutbox({ collection: things(), publish })
    expect(good.every(({ outbox }) => sent.has(outbox[0]?.id ?? ''))).toBe(true)
    expect(await things().find({ outboxPending: true })).toMatchObject([{ _id: bad?._id, outbox: bad?.outbox }])
    await things().deleteMany({})
  })

  it('records a journal once and empties it while the queue is down', async () => {
    type Entry = { _id: string }
    type Journaled = Stored & { journal: Entry[] }
    const kept = deps().documents.collection<Journaled>({ name: 'journaled', indexes: [outboxIndex] })
    const entries = deps().documents.collection<Entry>({ name: 'entries' })
    const queue = aPublisher()
    queue.down = true
    const planRecord = (records: readonly Entry[]) =>
      entries.plan({ action: 'insertMany', documents: [...records], ordered: false })
    const outlets = { collection: kept, publish: queue.publish, journal: { batch: deps().documents.batch, planRecord } }
    const thing = { _id: newId('ord'), ...withOutbox([aCanceledOrder()]), journal: [{ _id: 'first' }, { _id: 'second' }] }
    await kept.insertOne(thing)
    await entries.insertOne({ _id: 'first' })
    await flush(outlets, [thing])
    expect(await kept.findOne({ _id: thing._id })).toMatchObject({ journal: [], outbox: thing.outbox, outboxPending: true })
    expect((await entries.find({})).map(({ _id }) => _id).sort()).toEqual(['first', 'second'])
    queue.down = false
    await sweepOutbox(outlets)
    expect(await kept.findOne({ _id: thing._id })).toMatchObject({ outbox: [], outboxPending: false })
    expect(queue.sent).toEqual(thing.outbox)
  })

  it('retries a conflict a limited number of times', async () => {
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

it('does the work for every item but the bad ones', async () => {
  const done: number[] = []
  const work = async (some: readonly number[]) => {
    if (some.some((item) => item % 5 === 0)) throw new Error('bad')
    done.push(...some)
  }
  const items = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
  const good = items.filter((item) => item % 5 !== 0)
  expect(await keepSuccessful(items, work)).toEqual(good)
  expect(done).toEqual(good)
  expect(await keepSuccessful([], work)).toEqual([])
})

it('runs every part of a sweep, and throws at the end when one failed', async () => {
  const ran: string[] = []
  const failing = async () => {
    ran.push('failing')
    throw new Error('no')
  }
  await expect(inSequence(failing, async () => ran.push('last'))).rejects.toThrow('no')
  expect(ran).toEqual(['failing', 'last'])
})
