import { describe, expect, it } from 'vitest'
import { describeStartFailure, formatLog } from './log-lines.ts'

const at = Date.UTC(2026, 0, 1, 12, 0, 0, 5)
const format = (entry: object | string, level = 'info') =>
  formatLog({ level, message: typeof entry === 'string' ? entry : JSON.stringify(entry), timestamp: at })

describe('a line of the local log', () => {
  it('is one line for a request', () => {
    const request = { method: 'GET', path: '/v1/products?q=desk', status: 200, ms: 12, requestId: 'req_1', userId: '-' }
    expect(format({ level: 'info', message: 'request', ...request })).toBe(
      '12:00:00.005 GET /v1/products?q=desk 200 12 ms req_1 -',
    )
  })

  it('has the level, the message and the fields of another entry', () => {
    expect(format({ level: 'warn', message: 'a view is not counted', productId: 'prd_1', tries: 2, at: { a: 1 } })).toBe(
      '12:00:00.005 [warn] a view is not counted productId=prd_1 tries=2 at={"a":1}',
    )
  })

  it('has the stack of an error and of its cause on lines below', () => {
    const cause = { name: 'Error', message: 'inner', stack: 'Error: inner\n    at b.ts:2:2' }
    const error = { name: 'AppError', message: 'outer', code: 'internal', cause, stack: 'AppError: outer\n    at a.ts:1:1' }
    expect(format({ level: 'error', message: 'request failed', requestId: 'req_1', error }, 'error')).toBe(
      [
        '12:00:00.005 [error] request failed requestId=req_1',
        '  AppError: outer',
        '      at a.ts:1:1 {"code":"internal"}',
        '  caused by Error: inner',
        '      at b.ts:2:2',
      ].join('\n'),
    )
  })

  it('is the text itself when no logger of ours wrote it', () => {
    expect([format('plain'), format('{ not json'), format('{"a":1}'), format('broken', 'error')]).toEqual([
      'plain',
      '{ not json',
      '{"a":1}',
      '12:00:00.005 [error] broken',
    ])
  })
})

describe('a failure to start', () => {
  it('is described with its place first', () => {
    const text = String.raw`Runtime stderr: {"message":"service core:user:credenza-cart: Uncaught TypeError: x is undefined\n  at workers/cart/routes.ts:66:47\n","level":"error"}`
    expect(describeStartFailure(text)).toBe('workers/cart/routes.ts:66:47: Uncaught TypeError: x is undefined')
  })

  it('is the whole text when it has no place', () => {
    expect(describeStartFailure('Address already in use')).toBe('Address already in use')
  })
})
