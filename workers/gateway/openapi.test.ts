import { expect, it } from 'vitest'
import { mergeOpenApi } from './openapi'

const document = (path: string, method: string, schemas: Record<string, unknown>) => ({
  openapi: '3.1.0',
  info: {},
  paths: { [path]: { [method]: { tags: [path], responses: { 200: { $ref: '#/components/schemas/Item' } } } } },
  components: { schemas },
})

it('merges the paths and methods of all Workers', () => {
  const merged = mergeOpenApi(
    [
      { worker: 'product', document: document('/v1/a', 'get', {}) },
      { worker: 'notification', document: document('/v1/a', 'put', {}) },
      { worker: 'order', document: document('/v1/b', 'get', {}) },
    ],
    'https://api.example',
  )
  expect(Object.keys(merged.paths ?? {})).toEqual(['/v1/a', '/v1/b'])
  expect(Object.keys((merged.paths?.['/v1/a'] ?? {}) as object)).toEqual(['get', 'put'])
})

it('leaves out the endpoints of local runs', () => {
  const merged = mergeOpenApi([{ worker: 'cart', document: document('/v1/dev/mailbox', 'get', {}) }], 'https://api.example')
  expect(merged.paths).toEqual({})
})

it('keeps one schema when two Workers define it alike, and renames the second when they differ', () => {
  const merged = mergeOpenApi(
    [
      { worker: 'cart', document: document('/v1/cart', 'get', { Item: { type: 'string' }, Money: { type: 'object' } }) },
      { worker: 'order', document: document('/v1/orders', 'get', { Item: { type: 'number' }, Money: { type: 'object' } }) },
    ],
    'https://api.example',
  )
  expect(merged.components?.schemas).toEqual({
    Item: { type: 'string' },
    Money: { type: 'object' },
    OrderItem: { type: 'number' },
  })
  expect(JSON.stringify(merged.paths?.['/v1/orders'])).toContain('#/components/schemas/OrderItem')
  expect(JSON.stringify(merged.paths?.['/v1/cart'])).toContain('#/components/schemas/Item')
})
