import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { newId } from '../contracts/ids'
import type { StoreBindings } from '../storage/store'
import { aCanceledOrder, aPublisher } from '../testing/factories'
import { baseDeps } from '../worker/base-deps'
import { change } from './change'
import { outboxIndex, type Stored, withOutbox } from './outbox'
import { outboxRepo } from './outbox-repo'

type Counter = Stored & { count: number }
const { documents } = baseDeps('order', env as unknown as StoreBindings)
const counters = outboxRepo(documents.collection<Counter>({ name: 'counters', indexes: [outboxIndex] }))

async function aCounter(): Promise<Counter> {
  const counter = { _id: newId('ord'), count: 0, ...withOutbox([]) }
  await counters.insertIfAbsent(counter)
  return counter
}

const increment = ({ count }: Counter) => ({ state: { count: count + 1 }, events: [aCanceledOrder()] })

it('saves what was decided, sends its events and returns the document after that', async () => {
  const { publish, sent } = aPublisher()
  const { _id } = await aCounter()
  expect(await change(counters.publishing(publish), _id, increment)).toMatchObject({ count: 1, version: 2 })
  expect(await counters.load(_id)).toMatchObject({ count: 1, version: 2, outbox: [], outboxPending: false })
  expect(sent).toHaveLength(1)
})

it('loses no change of many that happen at once', async () => {
  const { publish, sent } = aPublisher()
  const { _id } = await aCounter()
  await Promise.all(Array.from({ length: 5 }, () => change(counters.publishing(publish), _id, increment)))
  expect(await counters.load(_id)).toMatchObject({ count: 5, version: 6, outboxPending: false })
  expect(sent).toHaveLength(5)
})

it('writes nothing when there is nothing to change', async () => {
  const { publish } = aPublisher()
  const counter = await aCounter()
  expect(await change(counters.publishing(publish), counter._id, () => null)).toEqual(counter)
  expect(await counters.load(counter._id)).toEqual(counter)
})

it('answers null for a document that does not exist', async () => {
  expect(await change(counters.publishing(aPublisher().publish), newId('ord'), increment)).toBeNull()
})

it('starts from the document that the caller has, and loads it only after another writer was first', async () => {
  const { publish } = aPublisher()
  const counter = await aCounter()
  let loads = 0
  const { load, save } = counters.publishing(publish)
  const counted = {
    save,
    load: (id: string) => {
      loads += 1
      return load(id)
    },
  }
  const first = await change(counted, counter, increment)
  expect([first?.count, loads]).toEqual([1, 0])
  const second = await change(counted, counter, increment)
  expect([second?.count, loads]).toEqual([2, 1])
})

it('gives up after as many attempts as it was given', async () => {
  const { publish } = aPublisher()
  const counter = await aCounter()
  let decisions = 0
  const overtaken = async (found: Counter) => {
    decisions += 1
    await change(counters.publishing(publish), found, increment)
    return increment(found)
  }
  await expect(change(counters.publishing(publish), counter._id, overtaken, 3)).rejects.toMatchObject({ code: 'conflict' })
  expect(decisions).toBe(3)
})

it('passes on what the decision throws, and writes nothing', async () => {
  const counter = await aCounter()
  const refuse = () => {
    throw new Error('no')
  }
  await expect(change(counters.publishing(aPublisher().publish), counter._id, refuse)).rejects.toThrow('no')
  expect(await counters.load(counter._id)).toEqual(counter)
})
