import { env } from 'cloudflare:workers'
import { z } from '@hono/zod-openapi'
import { describe, expect, it } from 'vitest'
import { addressHeader } from '../contracts/actor'
import { sessionCookie } from '../contracts/auth'
import { newId } from '../contracts/ids'
import { documents } from '../storage/documents'
import { type StoreBindings, storeOf } from '../storage/store'
import { aCountedStore } from '../testing/data'
import { aClock, anActor } from '../testing/factories'
import { type CallOptions, call } from '../testing/http'
import { newApp } from './app'
import { idempotencyStore } from './idempotency'
import { attemptOf } from './idempotency-route'
import { answers, defineRoute, jsonBody } from './route'

/** An app whose notes are written once per key, and how often it asked the store. */
function anApp() {
  const store = storeOf(env as unknown as StoreBindings)
  const counted = aCountedStore(store)
  const data = { ...store, run: counted.run, batch: counted.batch }
  const now = aClock()
  const deps = { data, now, newId, idempotency: idempotencyStore(documents(data, 'credenza_order')) }
  const app = newApp({ worker: 'order', depsFrom: () => deps })
  let written = 0
  const route = { request: { body: jsonBody(z.strictObject({ text: z.string().trim() })) } }
  const responses = { 201: answers('Written', z.object({ n: z.int(), text: z.string() })) }
  app.openapi(defineRoute('signed-in', { ...route, method: 'post', path: '/notes', responses }), (c) => {
    c.header('etag', `"${++written}"`)
    c.header('x-noise', 'of the first alone')
    return c.json({ n: written, text: c.req.valid('json').text }, 201)
  })
  app.openapi(defineRoute('public', { ...route, method: 'post', path: '/open', responses }), (c) => {
    c.header('set-cookie', `token=${++written}; Path=/`)
    return c.json({ n: written, text: c.req.valid('json').text }, 201)
  })
  app.openapi(
    defineRoute('signed-in', { method: 'delete', path: '/notes', responses: { 204: { description: 'Gone' } } }),
    (c) => {
      written++
      return c.body(null, 204)
    },
  )
  app.openapi(defineRoute('signed-in', { ...route, method: 'put', path: '/none', idempotency: 'none', responses }), (c) =>
    c.json({ n: ++written, text: attemptOf(c).id('ord') }, 201),
  )
  app.openapi(defineRoute('signed-in', { ...route, method: 'post', path: '/needed', idempotency: 'required', responses }), (c) =>
    c.json({ n: ++written, text: attemptOf(c).id('ord') }, 201),
  )
  app.openapi(defineRoute('signed-in', { method: 'get', path: '/notes', responses }), (c) =>
    c.json({ n: written, text: '' }, 201),
  )
  const params = z.object({ id: z.string() })
  app.openapi(
    defineRoute('signed-in', { request: { ...route.request, params }, method: 'post', path: '/things/{id}', responses }),
    (c) => c.json({ n: ++written, text: '' }, 201),
  )
  const actor = anActor('buyer')
  const send = (path: string, key: string | undefined, options: CallOptions = {}, method = 'POST') =>
    call((request) => app.fetch(request, {}), method, path, {
      actor,
      body: { text: 'hello' },
      ...options,
      headers: { ...(key === undefined ? {} : { 'idempotency-key': key }), ...options.headers },
    })
  return { app, send, counted, written: () => written, now }
}

describe('a mutating route', () => {
  it('asks the store for nothing without an Idempotency-Key', async () => {
    const { send, counted, written } = anApp()
    for (const key of [undefined, '', undefined]) expect((await send('/notes', key)).status).toBe(201)
    expect([counted.calls, written()]).toEqual([0, 3])
  })

  it('needs two calls for the first answer under a key, and two for a repeat', async () => {
    const { send, counted } = anApp()
    await send('/notes', 'k')
    expect(counted.calls).toBe(2)
    await send('/notes', 'k')
    expect(counted.calls).toBe(4)
  })

  it('repeats status, body and relevant headers, and marks the answer as a repeat', async () => {
    const { send, written } = anApp()
    const first = await send('/notes', 'k', { headers: { 'x-credenza-request-id': 'req_1' } })
    const again = await send('/notes', 'k', { headers: { 'x-credenza-request-id': 'req_2' } })
    expect([again.status, again.json, written()]).toEqual([first.status, first.json, 1])
    const names = ['content-type', 'etag', 'x-noise', 'x-request-id', 'idempotency-replayed']
    expect(names.map((name) => again.headers.get(name))).toEqual(['application/json', '"1"', null, 'req_2', 'true'])
  })

  it('repeats an answer without a body', async () => {
    const { send, written } = anApp()
    const answered = [await send('/notes', 'k', {}, 'DELETE'), await send('/notes', 'k', {}, 'DELETE')]
    expect(answered.map(({ status }) => status)).toEqual([204, 204])
    expect([answered[1]?.headers.get('idempotency-replayed'), written()]).toEqual(['true', 1])
  })

  it('treats equivalent bodies as one request, and any other body, query or If-Match as another', async () => {
    const { send, written } = anApp()
    await send('/notes', 'k')
    expect((await send('/notes', 'k', { raw: '{ "text" : " hello " }' })).headers.get('idempotency-replayed')).toBe('true')
    const others: CallOptions[] = [{ body: { text: 'bye' } }, { headers: { 'if-match': '"1"' } }]
    for (const other of others) expect((await send('/notes', 'k', other)).json.code).toBe('idempotency_key_reused')
    const withBody = await send('/notes', 'd', { raw: 'anything' }, 'DELETE')
    expect(withBody.status).toBe(204)
    expect((await send('/notes', 'd', { raw: 'another' }, 'DELETE')).json.code).toBe('idempotency_key_reused')
    expect(written()).toBe(2)
  })

  it('does not use up a key for a body that validation refuses', async () => {
    const { send, counted } = anApp()
    const deep = `{"text":${'['.repeat(20_000)}${']'.repeat(20_000)}}`
    for (const raw of ['{', '{"text":1}', deep]) expect((await send('/notes', 'k', { raw })).status).toBeGreaterThanOrEqual(400)
    expect(counted.calls).toBe(0)
    expect((await send('/notes', 'k')).status).toBe(201)
  })

  it('keeps the keys of users and of methods apart', async () => {
    const { send } = anApp()
    await send('/notes', 'k')
    const others = [await send('/notes', 'k', { actor: anActor('buyer') }), await send('/notes', 'k', {}, 'DELETE')]
    expect(others.map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, null])
  })

  it('keeps the keys of two resources apart', async () => {
    const { send } = anApp()
    const numbers = []
    for (const path of ['/things/a', '/things/b', '/things/a']) numbers.push((await send(path, 'k')).json.n)
    expect(numbers).toEqual([1, 2, 1])
  })

  it('repeats an answer to the same guest, and to no other guest', async () => {
    const { send } = anApp()
    const [guest, other] = [anActor('guest'), anActor('guest')]
    const numbers = []
    for (const actor of [guest, guest, other]) numbers.push((await send('/notes', 'k', { actor })).json.n)
    expect(numbers).toEqual([1, 1, 2])
  })

  it('uses the address as principal when it is public, and requires long keys', async () => {
    const { send } = anApp()
    const from = (address: string, key = 'k'.repeat(16)) => send('/open', key, { headers: { [addressHeader]: address } })
    expect((await from('192.0.2.1', 'k'.repeat(15))).json.code).toBe('bad_request')
    const first = await from('192.0.2.1')
    const again = await from('192.0.2.1')
    expect([again.json, again.headers.get('set-cookie')]).toEqual([first.json, first.headers.get('set-cookie')])
    expect((await from('192.0.2.2')).json.n).toBe(2)
  })

  it('treats the session cookie as part of the request where it counts, and no other cookie', async () => {
    const { send } = anApp()
    const ask = (headers: Record<string, string>) => send('/open', 'k'.repeat(16), { headers })
    const session = (token: string) => `${sessionCookie}=${token}; other=${newId('req')}`
    expect((await ask({ cookie: session('1'), 'credenza-session': 'cookie' })).status).toBe(201)
    expect((await ask({ cookie: session('1'), 'credenza-session': 'cookie' })).headers.get('idempotency-replayed')).toBe('true')
    for (const headers of [{ cookie: session('2'), 'credenza-session': 'cookie' }, { cookie: session('1') }] as Record<
      string,
      string
    >[])
      expect((await ask(headers)).json.code).toBe('idempotency_key_reused')
  })

  it('can require a key, or ignore it', async () => {
    const { send, counted } = anApp()
    const refused = await send('/needed', undefined)
    expect([refused.status, refused.json.code, counted.calls]).toEqual([400, 'idempotency_key_required', 0])
    expect((await send('/needed', 'k')).json.text).toMatch(/^ord_[0-9a-z]{26}$/)
    // The handler counts on a key that its route does not see to: a defect of ours.
    expect((await send('/none', 'k', {}, 'PUT')).status).toBe(500)
  })

  it('says in the OpenAPI document how it treats a key', async () => {
    const { app } = anApp()
    const { paths } = await (await app.request('/openapi.json')).json<{ paths: Record<string, Record<string, never>> }>()
    const keyOf = (path: string, method = 'post') => {
      const { parameters = [] } = (paths[path]?.[method] ?? {}) as { parameters?: { name: string; required: boolean }[] }
      return parameters.filter(({ name }) => name === 'Idempotency-Key').map(({ required }) => required)
    }
    expect([keyOf('/notes'), keyOf('/needed'), keyOf('/none', 'put'), keyOf('/notes', 'get')]).toEqual([[false], [true], [], []])
  })
})
