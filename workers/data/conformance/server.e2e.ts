import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Engine, engineOf } from '../../../shared/storage/engine'
import { startConstellation } from '../../../shared/testing/e2e/harness'
import { settingsOf } from '../settings'
import { type Exceptions, ferretdb } from './exceptions'
import { conformance } from './suite'

const server = process.env.MONGODB_URI

describe.skipIf(!server)('the server at MONGODB_URI', () => {
  let constellation: Awaited<ReturnType<typeof startConstellation>>
  let engine: Engine
  let exceptions: Exceptions

  beforeAll(async () => {
    constellation = await startConstellation({ only: ['data'] })
    const env = (await constellation.worker('data').getEnv()) as unknown as DataEnv
    engine = engineOf(env, settingsOf(env))
    const target = { database: 'credenza_conformance', collection: 'plan' }
    const explained = await engine.run(target, { action: 'explain' })
    // FerretDB puts its version into each plan.
    exceptions = JSON.stringify(explained).includes('ferretdbVersion') ? ferretdb : {}
  })
  afterAll(() => constellation?.close())

  conformance(() => ({ engine, exceptions }))

  it('never takes more than there is for many requests at once, over HTTP', async () => {
    const key = inject('constellation').find(({ configPath }) => configPath.endsWith('/data.jsonc'))?.secrets.DATA_API_KEY ?? ''
    const of = { dataSource: 'any', database: 'credenza_conformance', collection: `race_${crypto.randomUUID()}` }
    const act = async (action: string, body: object) => {
      const response = await constellation.fetch(`/app/any/endpoint/data/v1/action/${action}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'api-key': key },
        body: JSON.stringify({ ...of, ...body }),
      })
      expect([200, 201]).toContain(response.status)
      return (await response.json()) as { modifiedCount?: number; document?: object }
    }
    // The bindings of the suite above run one call after the other, so that only HTTP shows a server that loses updates.
    await act('insertOne', { document: { _id: 'v', available: 20, taken: 0 } })
    const take = { filter: { _id: 'v', available: { $gte: 1 } }, update: { $inc: { available: -1, taken: 1 } } }
    const answers = await Promise.all(Array.from({ length: 60 }, () => act('updateOne', take)))
    expect(answers.filter(({ modifiedCount }) => modifiedCount === 1)).toHaveLength(20)
    expect((await act('findOne', { filter: { _id: 'v' } })).document).toEqual({ _id: 'v', available: 0, taken: 20 })
    await act('deleteMany', { filter: {} })
  })
})

describe.skipIf(server)('conformance of a server', () => {
  it('is skipped without a server', (context) =>
    context.skip('MONGODB_URI names no MongoDB or server that is compatible with it'))
})
