import { expect, it } from 'vitest'
import { engineOf } from '../../shared/storage/engine'
import { settingsOf } from './settings'

const target = { database: 'credenza_test', collection: 'c' }
const find = { action: 'findOne' } as const
const answer = { result: { document: null } }

/** An environment with a MongoDB whose pools answer by `answering`, and the names and options by which pools were requested. */
function withPools(answering: () => Promise<unknown>, vars: { MONGODB_POOLS?: string; MONGODB_LOCATION?: string } = {}) {
  const asked: { name: string; options: unknown }[] = []
  const getByName = (name: string, options: unknown) => {
    asked.push({ name, options })
    return { run: answering, batch: answering }
  }
  const env = { MONGODB_URI: 'mongodb://test/', MONGODB_POOLS: '4', MONGODB_LOCATION: '', MONGO_POOLS: { getByName }, ...vars }
  return { engine: engineOf(env as unknown as DataEnv, settingsOf(env as unknown as DataEnv)), asked }
}

it('spreads the calls of one database over all pools, near the cluster', async () => {
  const { engine, asked } = withPools(async () => answer, { MONGODB_POOLS: '3', MONGODB_LOCATION: 'weur' })
  for (let call = 0; call < 200; call++) expect(await engine.run(target, find)).toEqual(answer)
  expect([...new Set(asked.map(({ name }) => name))].sort()).toEqual(['pool-0', 'pool-1', 'pool-2'])
  expect(asked.every(({ options }) => JSON.stringify(options) === '{"locationHint":"weur"}')).toBe(true)
})

it.each(['0', '-1', 'many', ''])('has one pool when MONGODB_POOLS is %j', async (count) => {
  const { engine, asked } = withPools(async () => answer, { MONGODB_POOLS: count })
  for (let call = 0; call < 20; call++) await engine.run(target, find)
  expect(new Set(asked.map(({ name, options }) => `${name} ${JSON.stringify(options)}`))).toEqual(new Set(['pool-0 {}']))
})

it.each(['overloaded', 'retryable', 'durableObjectReset'])('answers unavailable when a pool is %s', async (why) => {
  const { engine } = withPools(async () => {
    throw Object.assign(new Error('an error of the platform'), { [why]: true })
  })
  const refused = { problem: { code: 'unavailable', meta: { retryAfter: 1 } } }
  expect(await engine.run(target, find)).toMatchObject(refused)
  expect(await engine.batch([{ target, operation: find }])).toMatchObject(refused)
})

it('throws a fault of a pool on', async () => {
  const { engine } = withPools(async () => {
    throw new TypeError('a bug')
  })
  await expect(engine.run(target, find)).rejects.toThrow('a bug')
})

it('refuses a batch about two databases before it asks a pool', async () => {
  const { engine, asked } = withPools(async () => answer)
  const two = ['credenza_a', 'credenza_b'].map((database) => ({ target: { database, collection: 'x' }, operation: find }))
  expect(await engine.batch(two)).toMatchObject({ problem: { code: 'data_invalid' } })
  expect(asked).toEqual([])
})
