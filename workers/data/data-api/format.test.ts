import { describe, expect, it } from 'vitest'
import { client, send } from '../testing/data-api-client'
import { render } from './format'

const oid = '5d505646cf6d4fe581014ab2'

describe('standard JSON', () => {
  it.each([
    ['an ObjectId', { $oid: oid }, `"${oid}"`],
    ['a Date', { $date: '2022-01-12T02:33:23.067Z' }, '"2022-01-12T02:33:23.067Z"'],
    ['a Date far off', { $date: { $numberLong: '-62198755200000' } }, '"-000001-01-01T00:00:00.000Z"'],
    ['a Date beyond all calendars', { $date: { $numberLong: '9000000000000000' } }, '"9000000000000000"'],
    ['a Decimal128', { $numberDecimal: '9823.1297' }, '"9823.1297"'],
    ['an Int32', { $numberInt: '10' }, '10'],
    ['an Int64 with every digit', { $numberLong: '9007199254740993' }, '9007199254740993'],
    ['a Double', { $numberDouble: '10.5' }, '10.5'],
    ['no number at all', { $numberDouble: 'NaN' }, '"NaN"'],
    ['a Binary', { $binary: { base64: 'AQI=', subType: '80' } }, '{"Subtype":128,"Data":"AQI="}'],
    ['a regular expression', { $regularExpression: { pattern: '^H', options: 'i' } }, '{"Pattern":"^H","Options":"i"}'],
    ['a Timestamp', { $timestamp: { t: 1565545664, i: 1 } }, '{"T":1565545664,"I":1}'],
    ['a MinKey', { $minKey: 1 }, '{}'],
    ['a MaxKey', { $maxKey: 1 }, '{}'],
  ])('gives %s as the Data API did', (_type, value, text) => {
    expect(render({ documents: [{ a: { b: [value] } }] }, 'application/json')).toBe(`{"documents":[{"a":{"b":[${text}]}}]}`)
    expect(render({ insertedId: value }, 'application/json')).toBe(`{"insertedId":${text}}`)
  })

  it('does not convert objects and texts that only look like a type', () => {
    const document = { a: '{"$oid":"x"}', b: { $oid: oid, more: 1 }, c: { $exists: true }, d: { toString: 1 } }
    expect(JSON.parse(render({ document }, 'application/json'))).toEqual({ document })
  })
})

describe('canonical EJSON', () => {
  it('names the type of counts and ids', () => {
    expect(render({ matchedCount: 1, modifiedCount: 0, upsertedId: 3e9 }, 'application/ejson')).toBe(
      '{"matchedCount":{"$numberInt":"1"},"modifiedCount":{"$numberInt":"0"},"upsertedId":{"$numberDouble":"3000000000.0"}}',
    )
  })

  it('names the type of a Date that is an id', () => {
    expect(render({ insertedId: { $date: '2022-01-12T02:33:23.067Z' } }, 'application/ejson')).toBe(
      '{"insertedId":{"$date":{"$numberLong":"1641954803067"}}}',
    )
  })

  it('stays as the engine answered it', () => {
    const document = {
      _id: { $oid: oid },
      at: { $timestamp: { t: 1, i: 2 } },
      on: { $date: { $numberLong: '1' } },
      n: { $numberLong: '1' },
    }
    expect(JSON.parse(render({ document }, 'application/ejson'))).toEqual({ document })
  })
})

describe('the format of an answer', () => {
  it.each([
    ['application/json', 'application/json', 'application/json'],
    ['application/ejson', 'application/json', 'application/json'],
    ['application/json', 'application/ejson', 'application/ejson'],
    ['application/json', '', 'application/json'],
    ['application/ejson', '', 'application/ejson'],
    ['application/ejson', '*/*', 'application/ejson'],
    ['application/json; charset=utf-8', 'text/html', 'application/json'],
    ['Application/EJSON', 'application/ejson;q=0.5, application/json', 'application/json'],
  ])('for %s that accepts "%s" is %s', async (contentType, accept, expected) => {
    const { status, type, json } = await client('formats', { 'content-type': contentType, accept })('deleteMany')
    expect([status, type]).toEqual([200, expected])
    expect(json).toEqual({ deletedCount: expected === 'application/json' ? 0 : { $numberInt: '0' } })
  })

  it('is JSON for every error', async () => {
    const { status, type } = await client('formats', { accept: 'application/ejson' })('find', { limit: -1 })
    expect([status, type]).toEqual([400, 'application/json'])
  })

  it.each([[''], ['text/plain'], ['application/x-www-form-urlencoded'], ['application/jsonx'], ['x-application/json']])(
    'is no matter when the request is %j: that is refused',
    async (contentType) => {
      const body = new TextEncoder().encode('{}')
      expect(await send('find', body, { headers: { 'content-type': contentType } })).toMatchObject({
        status: 400,
        json: { error: 'Content-Type must be application/json or application/ejson' },
      })
    },
  )
})

describe('Extended JSON over HTTP', () => {
  const document = {
    _id: { $oid: oid },
    at: { $date: { $numberLong: '1641954803067' } },
    lines: [{ quantity: { $numberInt: '2' }, price: { $numberDouble: '10.5' } }],
  }

  it('is answered as it was sent', async () => {
    const tasks = client('roundTrip', { 'content-type': 'application/ejson' })
    expect((await tasks('insertOne', { document })).json).toEqual({ insertedId: { $oid: oid } })
    const filter = { _id: { $oid: oid }, at: { $lte: { $date: '2022-01-12T02:33:23.067Z' } } }
    expect((await tasks('findOne', { filter })).json).toEqual({ document })
  })

  it('is answered as standard JSON when the client accepts that', async () => {
    const tasks = client('roundTripToJson', { 'content-type': 'application/ejson', accept: 'application/json' })
    expect((await tasks('insertOne', { document })).json).toEqual({ insertedId: oid })
    expect((await tasks('find')).json).toEqual({
      documents: [{ _id: oid, at: '2022-01-12T02:33:23.067Z', lines: [{ quantity: 2, price: 10.5 }] }],
    })
  })

  it('may also stand for the numbers of a request', async () => {
    const tasks = client('canonicalQuery', { 'content-type': 'application/ejson', accept: 'application/json' })
    await tasks('insertMany', { documents: [{ n: 1 }, { n: 2 }, { n: 3 }] })
    const one = { $numberInt: '1' }
    const query = {
      sort: { n: { $numberInt: '-1' } },
      limit: one,
      skip: { $numberLong: '1' },
      projection: { _id: { $numberInt: '0' } },
    }
    expect((await tasks('find', query)).json).toEqual({ documents: [{ n: 2 }] })
    const indexes = [{ keys: { n: one } }]
    expect(await tasks('createIndexes', { indexes })).toMatchObject({ status: 201 })
  })
})
