import { describe, expect, it } from 'vitest'
import { problemOf, stateAfter } from './errors'

const thrown = (name: string, more: object = {}, message = 'message') => Object.assign(new Error(message), { name }, more)
const server = (code: number, message?: string, more: object = {}) => thrown('MongoServerError', { code, ...more }, message)

describe('a refusal of the server', () => {
  it.each([
    [server(2), 'data_invalid'],
    [server(14), 'data_invalid'],
    [server(28), 'data_invalid'],
    [server(40), 'data_invalid'],
    [server(66), 'data_invalid'],
    [server(51_024), 'data_invalid'],
    [server(2, 'unknown operator: $foo'), 'data_unsupported'],
    [server(9, 'Unknown modifier: $foo. Expected a valid update modifier'), 'data_unsupported'],
    [server(40_324, 'Unrecognized pipeline stage name'), 'data_unsupported'],
    [server(238), 'data_unsupported'],
    [server(10_334), 'payload_too_large'],
    [server(50), 'unavailable'],
    [server(13), 'unavailable'],
    [server(18), 'unavailable'],
    [server(10_107), 'unavailable'],
    [server(9_999, 'some', { errorLabels: ['RetryableWriteError'] }), 'unavailable'],
    [server(1), 'internal'],
    [thrown('MongoInvalidArgumentError'), 'data_invalid'],
    [thrown('BSONVersionError'), 'data_unsupported'],
    [thrown('MongoNetworkError'), 'unavailable'],
    [thrown('MongoServerSelectionError'), 'unavailable'],
    [thrown('MongoWaitQueueTimeoutError'), 'unavailable'],
    [thrown('MongoParseError'), 'unavailable'],
  ])('%s is %s', (error, code) => {
    const problem = problemOf(error)
    expect(problem?.code).toBe(code)
    if (code === 'unavailable') expect(problem?.meta.retryAfter).toBeGreaterThan(0)
  })

  it('is not made of a fault of our own', () => {
    expect(problemOf(new TypeError('undefined is not a function'))).toBeUndefined()
  })
})

describe('a duplicate key', () => {
  const message = 'E11000 duplicate key error collection: db.c index: seller_1_sku_-1 dup key: { seller: "x", sku: "1" }'
  const ferret = "constraint failed: UNIQUE constraint failed: index 'users_0a1b2c3d_email_1' (2067)"
  const bulk = { code: 11_000, writeErrors: [{ code: 11_000, errmsg: message, err: {} }], result: { insertedCount: 2 } }

  it.each([
    ['by its pattern', server(11_000, 'E11000', { keyPattern: { 'a.b': 1, c: -1 } }), { index: ['a.b', 'c'] }],
    ['by its name', server(11_000, message), { index: ['seller', 'sku'] }],
    ['by the index on _id', server(11_000, 'index: _id_ dup key: { _id: 1 }'), { index: ['_id'] }],
    ['by the words of SQLite', server(1, ferret), { index: ['email'] }],
    ['and how many were inserted before', thrown('MongoBulkWriteError', bulk), { index: ['seller', 'sku'], done: 2 }],
    ['or not at all, when the server does not', server(11_000, 'E11000 duplicate key error collection: db.c'), {}],
  ])('names its index %s', (_how, error, meta) => {
    const problem = problemOf(error)
    expect([problem?.code, problem?.meta]).toEqual(['duplicate_key', meta])
  })
})

it('distinguishes a lost connection, a server that does not answer and a mere refusal', () => {
  const errors = [
    server(11_000),
    thrown('MongoNetworkError'),
    thrown('MongoClientClosedError'),
    thrown('MongoServerSelectionError'),
  ]
  expect([...errors, server(18)].map(stateAfter)).toEqual(['alive', 'lost', 'lost', 'down', 'down'])
})
