import { describe, expect, it } from 'vitest'
import { newId } from '../contracts/ids'
import { bytesOf, expectedStatus, findGaps, missingLike, routesOf } from './isolation'

const document = {
  paths: {
    '/v1/orders/{id}': {
      get: { 'x-credenza-access': 'signed-in' as const },
      delete: { 'x-credenza-access': ['seller' as const] },
    },
    '/v1/orders': { get: { 'x-credenza-access': 'signed-in' as const } },
    '/v1/products/{id}': { get: {} },
  },
}

describe('the isolation suite', () => {
  it('knows every route and its access', () => {
    expect(Object.fromEntries(routesOf(document))).toEqual({
      'GET /v1/orders/{id}': 'signed-in',
      'DELETE /v1/orders/{id}': ['seller'],
      'GET /v1/orders': 'signed-in',
      'GET /v1/products/{id}': 'public',
    })
  })

  it('finds a route with an id but no case, and a case whose route is gone', () => {
    const cases = { 'GET /v1/orders/{id}': {}, 'GET /v1/products/{id}': {}, 'GET /v1/carts/{id}': {} }
    expect(findGaps(document, cases)).toEqual({ missing: ['DELETE /v1/orders/{id}'], surplus: ['GET /v1/carts/{id}'] })
  })

  it('does not mistake a member of Object.prototype for a case', () => {
    expect(findGaps({ paths: { '{toString}': { get: {} } } }, {}).missing).toEqual(['GET {toString}'])
  })

  it.each([
    ['public', 'nobody', 404],
    ['signed-in', 'nobody', 401],
    ['signed-in', 'guest', 404],
    [['seller', 'admin'], 'seller', 404],
    [['seller', 'admin'], 'buyer', 403],
    [['admin'], 'nobody', 401],
  ] as const)('expects of a route for %s that it answers %s %i', (access, intruder, status) =>
    expect(expectedStatus(access, intruder)).toBe(status),
  )

  it('makes unknown ids of the same shape', () => {
    const id = newId('ord')
    expect(missingLike(id)).toMatch(/^ord_[0-9a-z]{26}$/)
    expect(missingLike(id)).not.toBe(id)
  })

  const answer = (id: string, request: string, extra: Record<string, string> = {}, detail = 'x') =>
    new Response(JSON.stringify({ instance: `/v1/orders/${id}`, requestId: request, detail }), {
      status: 404,
      headers: { 'x-request-id': request, traceparent: request, ...extra },
    })

  it('treats two answers as equal when they differ only in id and request', async () => {
    expect(await bytesOf(answer('ord_a', 'req_1'), 'ord_a')).toBe(await bytesOf(answer('ord_b', 'req_2'), 'ord_b'))
  })

  it.each([
    ['a header', answer('ord_b', 'req_2', { etag: '"1"' })],
    ['a word', answer('ord_b', 'req_2', {}, 'y')],
    ['the status', new Response('{}', { status: 403 })],
  ])('tells apart two answers that differ in %s', async (_what, other) =>
    expect(await bytesOf(answer('ord_a', 'req_1'), 'ord_a')).not.toBe(await bytesOf(other, 'ord_b')),
  )
})
