import { z } from '@hono/zod-openapi'
import { describe, expect, it } from 'vitest'
import { AppError } from '../contracts/errors'
import { client } from '../runtime/rpc'
import { continueTrace } from '../runtime/trace'
import { anActor } from '../testing/factories'
import { call } from '../testing/http'
import { newApp } from './app'
import { decodeCursor, encodeCursor, page } from './cursor'
import { answers, defineRoute, jsonBody } from './route'

function anApp() {
  const app = newApp<object, { greeting: string }>({ worker: 'order', depsFrom: () => ({ greeting: 'hello' }) })
  const body = z.strictObject({ name: z.string().max(5), tags: z.array(z.strictObject({ label: z.string() })).optional() })
  const responses = { 200: answers('A greeting', z.object({ text: z.string() })) }
  app.openapi(
    defineRoute(['seller'], {
      method: 'post',
      path: '/v1/greetings/{id}',
      request: { params: z.object({ id: z.uuid() }), body: jsonBody(body) },
      responses,
    }),
    (c) => c.json({ text: `${c.var.deps.greeting} ${c.req.valid('json').name}` }, 200),
  )
  app.openapi(
    defineRoute('public', {
      method: 'get',
      path: '/v1/breaks/{how}',
      request: { params: z.object({ how: z.string() }) },
      responses,
    }),
    (c) => {
      const how = c.req.param('how')
      if (how === 'bug') throw new TypeError('secret: db password')
      if (how === 'data') throw new AppError('data_invalid', 'secret: query')
      throw new AppError('busy', 'Come back', { retryAfter: 3, extra: { hint: 'later' } })
    },
  )
  return { app, endpoint: (request: Request) => app.fetch(request, {}) }
}

describe('an app', () => {
  const { app, endpoint } = anApp()
  const path = '/v1/greetings/5f0c1b1e-7d0c-4d1c-9a51-0c8c7a3f2b11'
  const seller = anActor('seller')
  const post = (options: Parameters<typeof call>[3]) => call(endpoint, 'POST', path, { actor: seller, ...options })

  it('hands deps to the handler and answers', async () => {
    expect((await post({ body: { name: 'Ada' } })).json).toEqual({ text: 'hello Ada' })
  })

  it('authorises before it reads the body', async () => {
    expect((await call(endpoint, 'POST', path, { raw: '{' })).json.code).toBe('unauthenticated')
    expect((await call(endpoint, 'POST', path, { actor: anActor('buyer'), raw: '{' })).json.code).toBe('forbidden')
  })

  it('says what the gateway found wrong with a token', async () => {
    const answer = await call(endpoint, 'POST', path, { body: {}, headers: { 'x-credenza-token-problem': 'token_expired' } })
    expect([answer.status, answer.json.code]).toEqual([401, 'token_expired'])
  })

  it('names every wrong field by its path', async () => {
    const { status, json } = await post({ body: { name: 'too long', tags: [{ label: 1, extra: true }], other: 1 } })
    expect(status).toBe(422)
    expect(json.errors.map((error: { path: string }) => error.path).sort()).toEqual([
      'name',
      'other',
      'tags.0.extra',
      'tags.0.label',
    ])
  })

  it('names no more than a few of very many wrong fields, and no long name in full', async () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`${index}${'x'.repeat(30)}`, 1]))
    const { status, json } = await post({ body: { name: 'Ada', ...many } })
    expect([status, json.errors.length]).toEqual([422, 50])
    expect(json.detail).toMatch(/; and 4950 more$/)
    expect((await post({ body: { name: 'Ada', ['y'.repeat(5_000)]: 1 } })).json.errors[0].path).toBe(`${'y'.repeat(100)}…`)
  })

  it('refuses text that no store accepts at any depth, and accepts text that only looks like it', async () => {
    for (const label of ['\ud800', 'x\udc00', 'nul \0']) {
      const { status, json } = await post({ body: { name: 'Ada', tags: [{ label: 'fine' }, { label }] } })
      expect([status, json.errors]).toEqual([422, [{ path: 'tags.1.label', message: 'is not valid Unicode text' }]])
    }
    for (const name of ['\\ud83d\\ude00', '\\\\u00']) expect((await post({ raw: `{"name":"${name}"}` })).status).toBe(200)
    expect((await post({ raw: '{"name":"\\u0000","tags":' })).json.code).toBe('malformed_json')
    const deep = `{"tags":${'['.repeat(20_000)}"\\ud800"${']'.repeat(20_000)}}`
    expect((await post({ raw: deep })).json.code).toBe('validation_failed')
  })

  it('refuses a body that is not JSON, has another type, or is missing', async () => {
    expect((await post({ raw: '{"name":' })).json).toMatchObject({ status: 400, code: 'malformed_json' })
    expect((await post({ raw: 'name=Ada', headers: { 'content-type': 'application/x-www-form-urlencoded' } })).status).toBe(415)
    expect((await post({ raw: '{}', headers: { 'content-type': 'application/a+b+json' } })).status).toBe(415)
    expect((await post({})).status).toBe(415)
    expect((await post({ raw: '' })).status).toBe(400)
  })

  it('answers 404 to a malformed id and to an unknown path', async () => {
    expect((await call(endpoint, 'POST', '/v1/greetings/1', { actor: seller, body: { name: 'Ada' } })).json.code).toBe(
      'not_found',
    )
    expect((await call(endpoint, 'GET', '/v1/nothing')).json.code).toBe('not_found')
  })

  it('answers 405 with Allow to a method that the path does not take', async () => {
    const { status, headers, json } = await call(endpoint, 'DELETE', path, { actor: seller })
    expect([status, json.code, headers.get('allow')]).toEqual([405, 'method_not_allowed', 'POST'])
  })

  it('reveals nothing internal in an error', async () => {
    for (const how of ['bug', 'data']) {
      const { status, json } = await call(endpoint, 'GET', `/v1/breaks/${how}`, { headers: { 'x-credenza-request-id': 'req_1' } })
      expect(status).toBe(500)
      expect(json).toEqual({
        ...{ type: '/problems/internal', title: 'Something went wrong on our side', status: 500 },
        ...{ instance: `/v1/breaks/${how}`, code: 'internal', requestId: 'req_1' },
      })
    }
  })

  it('carries Retry-After and the members of a problem', async () => {
    const { headers, json } = await call(endpoint, 'GET', '/v1/breaks/busy')
    expect([headers.get('retry-after'), json.hint, json.detail]).toEqual(['3', 'later', 'Come back'])
  })

  it('documents its routes with who may call them', async () => {
    const { json } = await call(endpoint, 'GET', '/openapi.json')
    expect(json.paths['/v1/greetings/{id}'].post).toMatchObject({ 'x-credenza-access': ['seller'], security: [{ bearer: [] }] })
    expect(json.paths['/v1/greetings/{id}'].post.responses.default.content).toHaveProperty('application/problem+json')
    expect(app.openAPIRegistry.definitions.length).toBeGreaterThan(0)
  })
})

describe('cursors', () => {
  const shape = z.tuple([z.number(), z.string()])

  it('survive encoding and decoding in any script', () => {
    expect(decodeCursor(encodeCursor([7, 'ü東']), shape)).toEqual([7, 'ü東'])
    expect(decodeCursor(undefined, shape)).toBeUndefined()
  })

  it.each([
    'nonsense',
    '!!',
    btoa('{"a":1}'),
    encodeCursor(['7', 'x']),
    encodeCursor([1]),
    encodeCursor([1, '\ud800']),
    encodeCursor([1, '\0']),
  ])('refuse %s', (cursor) => {
    expect(() => decodeCursor(cursor, shape)).toThrow(AppError)
  })

  it('end with the last page', () => {
    const dto = (n: number) => n * 10
    expect(page([1, 2, 3], 2, dto, (n) => [n])).toEqual({ items: [10, 20], nextCursor: encodeCursor([2]) })
    expect(page([1, 2], 2, dto, (n) => [n])).toEqual({ items: [10, 20], nextCursor: null })
    expect(page([], 2, dto, (n: number) => [n])).toEqual({ items: [], nextCursor: null })
  })
})

describe('an RPC client', () => {
  type Api = { greet(name: string): Promise<string> }

  it('calls with `this` and restores errors', async () => {
    const binding = {
      word: 'hello',
      greet: async function (this: { word: string }, name: string) {
        return `${this.word} ${name}`
      },
    }
    expect(await client<Api>(binding).greet('Ada')).toBe('hello Ada')
    const failing = {
      greet: async () => Promise.reject(Object.assign(new Error('gone'), { name: 'AppError', code: 'not_found', meta: {} })),
    }
    const error = await client<Api>(failing)
      .greet('Ada')
      .catch((thrown) => thrown)
    expect(error).toBeInstanceOf(AppError)
    expect(error.code).toBe('not_found')
  })

  it('hides what broke on the other side', async () => {
    const broken = { greet: async () => Promise.reject(new Error('secret')) }
    await expect(client<Api>(broken).greet('Ada')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.not.stringContaining('secret'),
    })
  })

  it('can be awaited without calling anything', async () => {
    expect(await client<Api>({ greet: async () => 'x' })).toBeDefined()
  })
})

it('continues a trace under a span of its own', () => {
  const inbound = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  expect(continueTrace(inbound)).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/)
  expect(continueTrace(`00-${'0'.repeat(32)}-b7ad6b7169203331-01`)).not.toContain('0'.repeat(32))
})
