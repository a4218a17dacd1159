import { expect, it } from 'vitest'
import { type Bounded, findUnbounded } from './bounds'

const taking = (schema: object): Bounded => ({
  paths: { '/v1/things': { post: { requestBody: { content: { 'application/json': { schema } } } } } },
  components: {
    schemas: {
      Loop: { type: 'object', additionalProperties: false, properties: { next: { $ref: '#/components/schemas/Loop' } } },
    },
  },
})
const object = (properties: object) => ({ type: 'object', additionalProperties: false, properties })

it.each([
  ['a text', { type: 'string' }, 'a text of any length'],
  ['a text that may be null', { type: ['string', 'null'] }, 'a text of any length'],
  ['a text of a pattern that repeats', { type: 'string', pattern: '^[a-z]+$' }, 'a text of any length'],
  ['a text of a pattern without an end', { type: 'string', pattern: '^[a-z]{3}' }, 'a text of any length'],
  ['a list', { type: 'array', items: { type: 'boolean' } }, 'a list of any length'],
  ['a number', { type: 'number' }, 'a number of any size'],
  ['a record', { type: 'object', additionalProperties: { type: 'boolean' } }, 'any number of members'],
  ['an open object', { type: 'object' }, 'takes unknown members'],
  ['anything', {}, 'may be anything'],
  ['one of several', { anyOf: [{ type: 'null' }, { type: 'string' }] }, 'a text of any length'],
  ['what contains itself', { $ref: '#/components/schemas/Loop' }, 'contains itself'],
])('finds %s without a bound, in a member as at the top', (_what, schema, found) => {
  expect(findUnbounded(taking(schema)).join()).toContain(found)
  expect(findUnbounded(taking(object({ a: { type: 'array', maxItems: 2, items: schema } }))).join()).toContain(found)
})

it('finds query and header parameters without a bound', () => {
  const parameters = [{ name: 'q', in: 'query', schema: { type: 'string' } }]
  expect(findUnbounded({ paths: { '/v1/things': { get: { parameters } } } })).toEqual([
    'GET /v1/things query q: a text of any length',
  ])
})

it('accepts parameters with bounds', () => {
  const schema = object({
    name: { type: 'string', maxLength: 5 },
    id: { type: 'string', pattern: '^ord_[0-9a-z]{26}$' },
    day: { type: 'string', pattern: '^(\\d{4}-\\d{2}|[+*]{1,3})$' },
    kind: { enum: ['a'] },
    count: { type: 'integer' },
    share: { type: 'number', maximum: 1 },
    born: { type: 'string', format: 'date' },
    list: { type: 'array', maxItems: 3, items: { type: 'boolean' } },
    more: { type: 'object', additionalProperties: { type: 'boolean' }, maxProperties: 3 },
  })
  expect(findUnbounded(taking(schema))).toEqual([])
})
