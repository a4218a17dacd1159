import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { app } from './routes'
import { answered, client, findOver, pathOf, send } from './testing/data-api-client'

describe('an action over HTTP', () => {
  it('insertOne answers 201 and the id', async () => {
    const insert = client('inserts')
    expect(await insert('insertOne', { document: { _id: 'a' } })).toMatchObject({ status: 201, json: { insertedId: 'a' } })
    const { json } = await insert('insertOne', { document: { n: 1 } })
    expect(json.insertedId).toMatch(/^[0-9a-f]{24}$/)
  })

  it('insertMany answers 201 and the ids in order', async () => {
    const documents = [{ _id: 'b' }, { _id: 'a' }]
    expect(await client('many')('insertMany', { documents })).toMatchObject({ status: 201, json: { insertedIds: ['b', 'a'] } })
  })

  it('findOne answers a document, or null', async () => {
    const tasks = client('findOne')
    await tasks('insertMany', { documents: [1, 2].map((n) => ({ _id: String(n), n, text: 'x' })) })
    expect(await tasks('findOne', { sort: { n: -1 }, projection: { n: 1 } })).toMatchObject({
      status: 200,
      json: { document: { _id: '2', n: 2 } },
    })
    expect((await tasks('findOne', { filter: { n: 3 } })).json).toEqual({ document: null })
  })

  it('find filters, sorts, skips, limits and projects', async () => {
    const tasks = client('find')
    await tasks('insertMany', { documents: [1, 2, 3, 4].map((n) => ({ _id: String(n), n })) })
    const query = { filter: { n: { $gt: 1 } }, sort: { n: -1 }, skip: 1, limit: 1, projection: { _id: 0, n: 1 } }
    expect(await tasks('find', query)).toMatchObject({ status: 200, json: { documents: [{ n: 3 }] } })
    expect((await tasks('find', { limit: 0 })).json.documents).toHaveLength(4)
  })

  it('find answers no documents for a collection that does not exist', async () => {
    expect((await client('nowhere')('find')).json).toEqual({ documents: [] })
    expect((await client('nowhere')('deleteMany')).json).toEqual({ deletedCount: 0 })
  })

  it('find answers a thousand documents without a limit', async () => {
    const tasks = client('thousand')
    await tasks('insertMany', { documents: Array.from({ length: 1001 }, (_, n) => ({ n })) })
    expect((await tasks('find')).json.documents).toHaveLength(1000)
    expect((await tasks('find', { limit: 60_000 })).json.documents).toHaveLength(1001)
  })

  it('updateOne and updateMany answer how many documents matched and changed, and the id of an upsert', async () => {
    const tasks = client('updates')
    await tasks('insertMany', { documents: [{ _id: 'a' }, { _id: 'b', done: true }] })
    const update = { $set: { done: true } }
    expect(await tasks('updateOne', { filter: { _id: 'a' }, update })).toMatchObject({
      status: 200,
      json: { matchedCount: 1, modifiedCount: 1 },
    })
    expect((await tasks('updateMany', { update })).json).toEqual({ matchedCount: 2, modifiedCount: 0 })
    expect((await tasks('updateOne', { filter: { _id: 'c' }, update, upsert: true })).json).toEqual({
      matchedCount: 0,
      modifiedCount: 0,
      upsertedId: 'c',
    })
  })

  it('replaceOne replaces', async () => {
    const tasks = client('replaces')
    await tasks('insertOne', { document: { _id: 'a', n: 1 } })
    const { json } = await tasks('replaceOne', { filter: { _id: 'a' }, replacement: { m: 2 } })
    expect(json).toEqual({ matchedCount: 1, modifiedCount: 1 })
    expect((await tasks('findOne')).json).toEqual({ document: { _id: 'a', m: 2 } })
  })

  it('deleteOne and deleteMany answer how many documents were deleted', async () => {
    const tasks = client('deletes')
    await tasks('insertMany', { documents: [{ n: 1 }, { n: 1 }, { n: 1 }] })
    expect((await tasks('deleteOne', { filter: { n: 1 } })).json).toEqual({ deletedCount: 1 })
    expect((await tasks('deleteMany', { filter: { n: 1 } })).json).toEqual({ deletedCount: 2 })
  })

  it('aggregate runs a pipeline', async () => {
    const tasks = client('aggregates')
    await tasks('insertMany', { documents: [{ n: 1 }, { n: 2 }] })
    const pipeline = [{ $group: { _id: null, total: { $sum: '$n' } } }]
    expect((await tasks('aggregate', { pipeline })).json).toEqual({ documents: [{ _id: null, total: 3 }] })
  })

  it('findOneAndUpdate gives the document before, or after', async () => {
    const tasks = client('findAndUpdate')
    await tasks('insertOne', { document: { _id: 'a', n: 1 } })
    const update = { $inc: { n: 1 } }
    expect(await tasks('findOneAndUpdate', { update })).toMatchObject({ status: 200, json: { document: { n: 1 } } })
    expect((await tasks('findOneAndUpdate', { update, returnDocument: 'after' })).json).toEqual({ document: { _id: 'a', n: 3 } })
  })

  it('createIndexes makes a unique index, which listIndexes shows and which refuses a duplicate', async () => {
    const tasks = client('indexes')
    const made = await tasks('createIndexes', { indexes: [{ keys: { email: 1 }, unique: true }] })
    expect(made).toMatchObject({ status: 201, json: { names: [expect.any(String)] } })
    const { json } = await tasks('listIndexes')
    expect(json.indexes).toMatchObject([{ keys: { _id: 1 } }, { keys: { email: 1 }, unique: true }])
    await tasks('insertOne', { document: { email: 'a@example.com' } })
    expect(await tasks('insertOne', { document: { email: 'a@example.com' } })).toMatchObject({
      status: 409,
      json: { error: expect.any(String), error_code: 'DuplicateKey' },
    })
  })

  it('explain answers the plan of a find', async () => {
    expect(await client('explained')('explain', { filter: { _id: 'a' } })).toMatchObject({ status: 200, json: { plan: {} } })
  })

  it('insertMany answers how many documents were inserted before a duplicate', async () => {
    const documents = ['a', 'b', 'a'].map((_id) => ({ _id }))
    const { status, json } = await client('partly')('insertMany', { documents })
    expect([status, json.error_code, json.error]).toEqual([409, 'DuplicateKey', expect.stringMatching(/; 2 were inserted$/)])
  })
})

describe('the engine', () => {
  /** The call of the engine for a find with this body. */
  async function asked(body: object, accept?: string): Promise<unknown[]> {
    const calls: unknown[][] = []
    const run = async (...call: unknown[]) => {
      calls.push(call)
      return { result: { documents: [] } }
    }
    await findOver(run, body, accept)
    return calls.flat()
  }

  it('is never asked for more documents than the limit of the Data API', async () => {
    expect(await asked({})).toMatchObject([{}, { action: 'find', limit: 1000 }])
    expect(await asked({ limit: 50_001 })).toMatchObject([{}, { limit: 50_000 }])
    expect(await asked({ limit: 0 })).toMatchObject([{}, { limit: 50_000 }])
    expect(await asked({ limit: 7 })).toMatchObject([{}, { limit: 7 }])
  })

  it('does not get comment, batchSize and let, which change no answer', async () => {
    const ignored = { comment: { from: 'a test' }, batchSize: 5, let: { x: 1 } }
    expect(await asked(ignored)).toMatchObject([{}, { action: 'find', filter: {}, limit: 1000 }])
    expect(Object.keys((await asked(ignored))[1] as object)).toEqual(['action', 'filter', 'limit'])
  })

  it('is asked for canonical documents when the client accepts EJSON, and gets no fields that it does not use', async () => {
    expect(await asked({ filter: { a: 1 } }, 'application/ejson')).toEqual([
      { database: 'todo', collection: 'tasks', types: 'canonical' },
      { action: 'find', filter: { a: 1 }, limit: 1000 },
    ])
    expect(await asked({})).toMatchObject([{ types: 'plain' }, {}])
  })
})

describe('the key', () => {
  const body = JSON.stringify({ dataSource: 'x', database: 'todo', collection: 'keys' })
  const key = env.DATA_API_KEY

  it.each([['apiKey'], ['api-key'], ['APIKEY']])('is accepted in the header %s', async (name) => {
    expect(await send('find', body, { headers: { apiKey: '', [name]: key } })).toMatchObject({ status: 200 })
  })

  it('is read from apiKey if both headers are there', async () => {
    expect(await send('find', body, { headers: { 'api-key': 'wrong' } })).toMatchObject({ status: 200 })
    expect(await send('find', body, { headers: { apiKey: 'wrong', 'api-key': key } })).toMatchObject({ status: 401 })
  })

  it('is asked for when it is missing', async () => {
    const { status, json } = await send('find', body, { headers: { apiKey: '' } })
    expect([status, json.error_code]).toEqual([401, 'MissingParameter'])
  })

  it.each([['wrong'], [`${key}x`], [key.slice(0, -1)], [key.toUpperCase()]])('is refused when it is %s', async (wrong) => {
    expect(await send('find', body, { headers: { apiKey: wrong } })).toMatchObject({
      status: 401,
      json: { error: 'invalid session: error finding user for endpoint', error_code: 'InvalidSession' },
    })
  })

  it('is checked before everything else that may be wrong', async () => {
    for (const action of ['find', 'nonsense', 'find/more']) {
      expect(await send(action, '{', { headers: { apiKey: 'wrong', 'content-type': 'text/plain' } })).toMatchObject({
        status: 401,
      })
    }
  })

  it('leaves only /health when none is configured', async () => {
    const closed = { ...env, DATA_API_KEY: '' }
    const headers = { apiKey: '', 'content-type': 'application/json' }
    const found = await app.fetch(new Request(pathOf('find'), { method: 'POST', headers, body }), closed)
    expect(await answered(found)).toMatchObject({ status: 404, json: { error_code: 'NotFound' } })
    for (const path of ['openapi.json', 'redis', 'redis/get/a']) {
      expect(await app.fetch(new Request(`http://data/${path}`), closed)).toMatchObject({ status: 404 })
    }
    expect((await app.fetch(new Request('http://data/redis/get/a'), env)).status).toBe(401)
    expect(await app.fetch(new Request('http://data/health'), closed)).toMatchObject({ status: 200 })
  })
})

describe('the OpenAPI document', () => {
  it('describes every action, the keys and the errors', async () => {
    const { json } = await answered(await app.fetch(new Request('http://data/openapi.json'), env))
    const paths = Object.keys(json.paths as object).map((path) => path.replace('/app/{appId}/endpoint/data/v1/action/', ''))
    expect(paths).toEqual(
      'findOne find insertOne insertMany updateOne updateMany replaceOne deleteOne deleteMany aggregate findOneAndUpdate createIndexes listIndexes explain'.split(
        ' ',
      ),
    )
    expect(json).toMatchObject({
      openapi: '3.1.0',
      components: { securitySchemes: { apiKey: { in: 'header' }, 'api-key': { in: 'header' } }, schemas: { Error: {} } },
    })
    for (const { post } of Object.values(json.paths as Record<string, { post: Record<string, object> }>)) {
      expect(Object.keys(post.responses ?? {})).toEqual(expect.arrayContaining(['400', '401', '409', '413', '503']))
      expect(post).toMatchObject({
        security: [{ apiKey: [] }, { 'api-key': [] }],
        requestBody: { content: { 'application/json': {}, 'application/ejson': {} } },
      })
    }
  })
})
