import { expect, it } from 'vitest'
import type { AnyResult, Operation } from '../../../shared/contracts/data'
import { deferred, fakeTimers } from '../testing/fake-timers'
import type { Connection } from './client'
import { mongoPool } from './pool'

const target = { database: 'credenza_test', collection: 'c' }
const named = (name: string): Operation => ({ action: 'findOne', filter: { name } })
const nameOf = (operation: Operation) => String((operation as { filter?: { name?: string } }).filter?.name)

/** A pool whose server answers by `serve`. */
function poolOf(serve: (name: string) => Promise<AnyResult>, connect: () => Promise<void> = async () => {}) {
  const clock = fakeTimers()
  const asked: { name: string; maxTimeMS: number }[] = []
  const pool = mongoPool('mongodb://test/?maxPoolSize=1', {
    connect: async () => {
      await connect()
      return { close: async () => {} } as Connection
    },
    act: async (_connection, _target, operation, { maxTimeMS }) => {
      asked.push({ name: nameOf(operation), maxTimeMS })
      return serve(nameOf(operation))
    },
    timers: clock.timers,
  })
  return { ...clock, asked, run: (name: string) => pool.run(target, named(name)), batch: pool.batch }
}

it('answers a result, or a refusal with a code of the contract', async () => {
  const { run } = poolOf(async (name) => {
    if (name === 'twice')
      throw Object.assign(new Error('E11000'), { name: 'MongoServerError', code: 11000, keyPattern: { a: 1 } })
    return { document: { name } }
  })
  expect(await run('a')).toEqual({ result: { document: { name: 'a' } } })
  expect(await run('twice')).toMatchObject({ problem: { code: 'duplicate_key', meta: { index: ['a'] } } })
})

it('throws a fault of our own as it is', async () => {
  const { run } = poolOf(async () => {
    throw new TypeError('a bug')
  })
  await expect(run('a')).rejects.toThrow('a bug')
})

it('answers within its deadline when the server does not, and starts no call whose caller has given up', async () => {
  const hung = deferred<AnyResult>()
  const { run, pass, asked } = poolOf((name) => (name === 'hung' ? hung.promise : Promise.resolve({ document: null })))
  const answers = [run('hung'), run('waiting')]
  await pass(4_500)
  for (const answer of await Promise.all(answers)) {
    expect(answer).toMatchObject({ problem: { code: 'unavailable', meta: { retryAfter: expect.any(Number) } } })
  }
  hung.resolve({ document: null })
  await pass(0)
  expect(asked.map(({ name }) => name)).toEqual(['hung'])
})

it('starts no further operation of a batch after its deadline', async () => {
  const slow = deferred<AnyResult>()
  const { batch, pass, asked } = poolOf((name) => (name === 'slow' ? slow.promise : Promise.resolve({ document: null })))
  const answer = batch(['first', 'slow', 'third'].map((name) => ({ target, operation: named(name) })))
  await pass(4_500)
  expect(await answer).toMatchObject({ problem: { code: 'unavailable', meta: { done: 1 } } })
  slow.resolve({ document: null })
  await pass(0)
  expect(asked.map(({ name }) => name)).toEqual(['first', 'slow'])
})

it('gives the server the time that is left of the deadline', async () => {
  const first = deferred<AnyResult>()
  const { run, pass, asked } = poolOf((name) => (name === 'first' ? first.promise : Promise.resolve({ document: null })))
  const answers = [run('first'), run('second')]
  await pass(1_500)
  first.resolve({ document: null })
  await Promise.all(answers)
  expect(asked).toEqual([
    { name: 'first', maxTimeMS: 4_500 },
    { name: 'second', maxTimeMS: 3_000 },
  ])
})

it('recovers when the server is back, without a restart', async () => {
  let isDown = true
  const { run, pass } = poolOf(
    async () => ({ document: null }),
    async () => {
      if (isDown) throw Object.assign(new Error('ECONNREFUSED'), { name: 'MongoServerSelectionError' })
    },
  )
  expect(await run('a')).toMatchObject({ problem: { code: 'unavailable', meta: { retryAfter: 2 } } })
  expect(await run('b')).toMatchObject({ problem: { code: 'unavailable', meta: { retryAfter: 1 } } })
  isDown = false
  await pass(1_000)
  expect(await run('c')).toEqual({ result: { document: null } })
})
