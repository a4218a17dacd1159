import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { app } from '../routes'
import { answered, client, findOver, send } from '../testing/data-api-client'
import { actions } from './actions'
import { ignored } from './fields'

const place = { dataSource: 'x', database: 'todo', collection: 'hostile' }
/** The fields that an action requires, so that a wrong value in another field reaches the engine. */
const usual: Record<string, object> = {
  insertOne: { document: {} },
  insertMany: { documents: [{}] },
  updateOne: { update: { $set: { a: 1 } } },
  updateMany: { update: { $set: { a: 1 } } },
  findOneAndUpdate: { update: { $set: { a: 1 } } },
  replaceOne: { replacement: {} },
  aggregate: { pipeline: [] },
  createIndexes: { indexes: [{ keys: { a: 1 } }] },
}
const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

describe('a wrong request', () => {
  it.each([[''], ['{'], ['{}{}'], ['{"a":1,}'], ["{'a':1}"], ['nonsense']])('is refused when its body is %j', async (body) => {
    expect(await send('find', body)).toMatchObject({
      status: 400,
      json: { error: 'The body is not valid JSON in UTF-8', error_code: 'InvalidParameter' },
    })
  })

  it('is refused when its body is not UTF-8', async () => {
    const body = new TextEncoder().encode(JSON.stringify({ ...place, filter: { a: '?' } }))
    body[body.indexOf(0x3f)] = 0xff
    expect(await send('find', body)).toMatchObject({ status: 400 })
  })

  it.each([['null'], ['[]'], ['1'], ['"x"'], ['[{}]']])('is refused when its body is %s', async (body) => {
    expect(await send('find', body)).toMatchObject({ status: 400 })
  })

  it.each([
    [{ fliter: {} }, /^fliter: is not a known field$/],
    [{ filter: [] }, /^filter: must be an object$/],
    [{ dataSource: '' }, /^dataSource: /],
    [{ database: 'a/b' }, /^A database is named/],
    [{ database: 'a\ud800' }, /^A database is named/],
    [{ database: '' }, /^database: /],
    [{ collection: 'system.users' }, /^collection: /],
    [{ collection: 'a$b' }, /^A collection is named/],
    [{ limit: -1 }, /^limit: /],
    [{ limit: 1.5 }, /^limit: /],
    [{ limit: '10' }, /^limit: /],
    [{ limit: { $numberInt: '' } }, /^limit: /],
    [{ limit: { $numberInt: '1', more: 1 } }, /^limit: /],
    [{ skip: null }, /^skip: /],
  ])('is answered with what is wrong: %j', async (wrong, error) => {
    const { status, json } = await send('find', JSON.stringify({ ...place, ...wrong }))
    expect([status, json.error_code, json.error]).toEqual([400, 'InvalidParameter', expect.stringMatching(error)])
  })

  it('is answered with the name of a required field that is missing', async () => {
    for (const [action, field] of Object.entries({ insertOne: 'document', updateOne: 'update', aggregate: 'pipeline' })) {
      expect(await client('hostile')(action)).toMatchObject({
        status: 400,
        json: { error: expect.stringContaining(`${field}: `) },
      })
    }
    expect(await send('find', '{}')).toMatchObject({ status: 400, json: { error: expect.stringContaining('database: ') } })
  })

  it.each([['drop'], ['constructor'], ['__proto__'], ['toString'], ['Find'], ['find/'], ['']])(
    'finds nothing at the action %j',
    async (action) => {
      expect(await send(action, '{}')).toMatchObject({ status: 404, json: { error_code: 'NotFound' } })
    },
  )

  it('finds nothing by another method', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) expect(await send('find', '{}', { method })).toMatchObject({ status: 404 })
  })

  it('is refused when it is nested too deep, however deep that is', async () => {
    for (const levels of [105, 5000, 200_000]) {
      expect(await send('find', nested(levels))).toMatchObject({
        status: 400,
        json: { error: expect.stringMatching(/nested deeper/) },
      })
    }
    const deep = { ...place, document: JSON.parse(nested(101)) }
    expect(await send('insertOne', JSON.stringify(deep))).toMatchObject({ status: 400 })
    const deepest = { ...place, document: JSON.parse(nested(99)) }
    expect(await send('insertOne', JSON.stringify(deepest))).toMatchObject({ status: 201 })
  })

  it.each([
    ['9007199254740993', '9007199254740993'],
    ['-9007199254740992', '-9007199254740992'],
    [' 12345678901234567890', '12345678901234567890'],
    ['[1,{"b":18446744073709551615}]', '18446744073709551615'],
    ['1e400', '1e400'],
    ['-12.5E+999', '-12.5E+999'],
    ['1'.repeat(15_000_000), `${'1'.repeat(100)}…`],
  ])('is refused by the number that would become another: %.40s', async (value, name) => {
    const body = `{"dataSource":"x","database":"todo","collection":"numbers","document":{"a":${value}}}`
    expect(await send('insertOne', body)).toMatchObject({
      status: 400,
      json: { error: expect.stringContaining(`The number ${name} is beyond`), error_code: 'NotSupported' },
    })
  })

  it('is refused over 16 MiB, with or without a Content-Length', async () => {
    const tooLarge = new Uint8Array(16 * 1024 * 1024 + 1).fill(0x20)
    const refused = { status: 413, json: { error_code: 'PayloadTooLarge' } }
    expect(await send('find', tooLarge)).toMatchObject(refused)
    expect(await send('find', new Blob([tooLarge]).stream())).toMatchObject(refused)
    const document = { text: 'x'.repeat(2_000_000) }
    expect(await client('hostile')('insertOne', { document })).toMatchObject(refused)
  })

  it('is answered in few words, however many things are wrong with it', async () => {
    const fields = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`field${n}`, n]))
    const ones = (count: number) => Array.from({ length: count }, () => 1)
    const requests: [string, object][] = [
      ['find', fields],
      ['find', { ['x'.repeat(100_000)]: 1 }],
      ['insertMany', { documents: ones(100_000) }],
      ['createIndexes', { indexes: ones(100_000) }],
      ['createIndexes', { indexes: ones(64) }],
      ['createIndexes', { indexes: [{ keys: {}, ...fields }] }],
    ]
    for (const [action, wrong] of requests) {
      const { status, json } = await send(action, JSON.stringify({ ...place, ...wrong }))
      expect(status).toBe(400)
      expect(String(json.error).length).toBeLessThan(2000)
    }
  })

  it('cannot reach a prototype', async () => {
    const tasks = client('prototypes')
    const poison = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'
    for (const action of Object.keys(actions)) {
      const body = `{"dataSource":"x","database":"todo","collection":"prototypes","filter":${poison},"document":${poison},"update":{"$set":${poison}}}`
      expect((await send(action, body)).status).toBe(400)
    }
    expect(await send('insertOne', `{"dataSource":"x","database":"todo","collection":"c","document":${poison}}`)).toMatchObject({
      status: 400,
    })
    expect(await send('find', `{"dataSource":"x","database":"todo","collection":"c","__proto__":{"filter":{}}}`)).toMatchObject({
      status: 400,
    })
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
    expect((await tasks('find')).json).toEqual({ documents: [] })
  })

  it('is never answered as our own fault, whatever value any field has', async () => {
    const values = [
      null,
      true,
      -1,
      1e308,
      '',
      '\0',
      '\ud800',
      [],
      [null],
      {},
      { $where: '1' },
      { '': 1 },
      { $oid: 1 },
      { $date: 'x' },
    ]
    const { json } = await answered(await app.fetch(new Request('http://data/openapi.json'), env))
    const { schemas } = json.components as { schemas: Record<string, { properties: object }> }
    // The fields that all actions share are tried on one of them.
    let sent = 0
    for (const action of Object.keys(actions)) {
      // A collection of a few documents: what the other actions insert would only make each answer longer.
      const collection = `hostile${action}`
      await client(collection)('insertMany', { documents: [{ a: 1 }, { a: [{ a: 1 }] }] })
      const fields = Object.keys(schemas[`${action}Request`]?.properties ?? {})
      for (const field of fields.filter((name) => action === 'find' || !(name in place || name in ignored))) {
        const bodies = values
          .flatMap((value) => [value, { a: value }, [{ a: value }], { $set: { a: value } }])
          .map((value) => JSON.stringify({ ...place, collection, ...usual[action], [field]: value }))
        const answers = await Promise.all(bodies.map(async (body) => `${action} ${(await send(action, body)).status} ${body}`))
        expect(answers.filter((answer) => !/^\w+ (200|201|400|409) /.test(answer))).toEqual([])
        sent += answers.length
      }
    }
    expect(sent).toBeGreaterThan(1000)
  }, 120_000)
})

it('numbers that are exact, and digits in texts, are stored as they are', async () => {
  const tasks = client('exact')
  const document = {
    _id: 'a',
    most: Number.MAX_SAFE_INTEGER,
    least: Number.MIN_SAFE_INTEGER,
    fraction: 0.12345678901234568,
    large: 1e300,
    text: 'no. 12345678901234567890, or 1e400, as text',
  }
  expect(await tasks('insertOne', { document })).toMatchObject({ status: 201 })
  expect((await tasks('findOne')).json).toEqual({ document })
})

describe('a database that fails', () => {
  it('answers 503 with Retry-After, and reveals nothing about the server', async () => {
    const problem = { code: 'unavailable', message: 'mongodb://user:secret@10.0.0.1 refused', meta: { retryAfter: 3 } }
    const { status, headers, json } = await findOver(async () => ({ problem }))
    expect([status, headers.get('retry-after')]).toEqual([503, '3'])
    expect(json).toEqual({ error: 'the database does not answer, or has too much to do', error_code: 'ServiceUnavailable' })
  })

  it('answers 429 with Retry-After when it has too many requests', async () => {
    const { status, headers } = await findOver(async () => ({ problem: { code: 'too_many_requests', message: 'no', meta: {} } }))
    expect([status, headers.get('retry-after')]).toEqual([429, '1'])
  })

  it.each([
    ['throws', () => Promise.reject(new Error('secret'))],
    ['answers', async () => ({ problem: { code: 'internal', message: 'secret', meta: {} } })],
  ])('answers 500 for a fault of our own that it %s, and reveals nothing about it', async (_how, run) => {
    const { status, json } = await findOver(run)
    expect([status, json]).toEqual([500, { error: 'something went wrong inside', error_code: 'InternalServerError' }])
  })

  it('has one code for an unsupported operation and another for a mistake', async () => {
    const refused = async (code: string) => (await findOver(async () => ({ problem: { code, message: 'why', meta: {} } }))).json
    expect(await refused('data_unsupported')).toEqual({ error: 'why', error_code: 'NotSupported' })
    expect(await refused('data_invalid')).toEqual({ error: 'why', error_code: 'InvalidParameter' })
  })

  it('answers 413 when the documents do not fit into one answer', async () => {
    const tasks = client('large')
    const text = 'x'.repeat(1_700_000)
    for (let n = 0; n < 3; n++) await tasks('insertMany', { documents: Array.from({ length: 7 }, () => ({ text })) })
    const { status, json } = await tasks('find')
    expect([status, json.error_code]).toEqual([413, 'PayloadTooLarge'])
    expect((await tasks('find', { limit: 7, projection: { _id: 1 } })).json.documents).toHaveLength(7)
  })
})
