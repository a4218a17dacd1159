import { describe, expect, it } from 'vitest'
import { newId } from '../../../shared/contracts/ids'
import { anActor, as } from '../../../shared/testing/factories'
import { aWorld, eventsOf } from '../testing/fixtures'

describe('an answer that is streamed', () => {
  it('is the same as the plain one, in parts: products first, then words, and the whole answer at last', async () => {
    const world = aWorld()
    const desk = await world.sell()
    const { response, events } = await world.stream(anActor('buyer'), 'Do you have a walnut desk?')
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
    const sent = await events()
    const plain = (await world.say(anActor('buyer'), 'Do you have a walnut desk?')).json
    const names = [...new Set(sent.map(({ event }) => event))]
    expect(names).toEqual(['product', expect.any(String), expect.any(String), 'done'])
    expect(names.slice(1, 3).sort()).toEqual(['citation', 'token'])
    expect(sent[0]).toMatchObject({ event: 'product', data: { productId: desk.productId } })
    const { text, citations } = sent.at(-1)?.data ?? {}
    const words = sent.flatMap(({ event, data }) => (event === 'token' ? [data.text] : []))
    expect([words.join(''), text]).toEqual([text, plain.text])
    expect(sent.flatMap(({ event, data }) => (event === 'citation' ? [data] : []))).toEqual(citations)
    expect(Object.keys(sent.at(-1)?.data ?? {}).sort()).toEqual(Object.keys(plain).sort())
  })

  it('is a problem like any other when it cannot begin', async () => {
    const { response } = await aWorld().stream(anActor('buyer'), 'Hello', { conversationId: newId('cnv') })
    expect([response.status, response.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
    expect(await response.json()).toMatchObject({ code: 'not_found' })
  })

  it('ends in an event with the problem when it breaks off', async () => {
    const world = aWorld()
    const { response, events } = await world.stream(anActor('buyer'), 'Hello')
    world.store.before = () => {
      throw new Error('the store went away')
    }
    const last = (await events()).at(-1)
    expect(response.status).toBe(200)
    expect(last).toMatchObject({ event: 'error', data: { type: '/problems/unavailable', status: 503, code: 'unavailable' } })
    expect(JSON.stringify(last)).not.toContain('went away')
  })

  it('whose client leaves before its end is stored all the same', async () => {
    const world = aWorld()
    const actor = anActor('buyer')
    await world.sell()
    const { response } = await world.stream(actor, 'walnut desk')
    const reader = response.body?.getReader()
    await reader?.read()
    await reader?.cancel()
    const { items } = (await world.get(actor, '/v1/assistant/conversations')).json
    expect(items).toMatchObject([{ title: 'walnut desk', messageCount: 2 }])
  })

  it('under a key is complete before it begins, and the same in a repeat', async () => {
    const world = aWorld()
    const actor = anActor('buyer')
    await world.sell({ stock: 12 })
    const key = () => ({ 'idempotency-key': newId('req') })
    const { conversationId } = (await world.say(actor, 'add two walnut writing desks to my cart')).json
    const yes = key()
    const first = await (await world.stream(actor, 'yes', { conversationId }, yes)).events()
    const again = await world.stream(actor, 'yes', { conversationId }, yes)
    expect(again.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect([await again.events(), world.shop.cartOf(actor.userId).itemCount]).toEqual([first, 2])
    expect(first.at(-1)).toMatchObject({ event: 'done', data: { budget: { left: 198 } } })

    const broken = key()
    let isBroken = false
    world.store.before = (action) => {
      // The first write after everything is read stores the turn; the answer could then be stored under its key.
      if (isBroken || action !== 'batch' || world.shop.asked.at(-1) !== 'inventory.levels') return
      isBroken = true
      throw new Error('the store went away')
    }
    world.shop.asked.length = 0
    const failed = await world.stream(actor, 'walnut desk', { conversationId }, broken)
    expect([failed.response.status, failed.response.headers.get('content-type')]).toEqual([503, 'application/problem+json'])
    const retried = await world.stream(actor, 'walnut desk', { conversationId }, broken)
    expect((await retried.events()).at(-1)).toMatchObject({ event: 'done', data: { budget: { left: 197 } } })
  })

  it('comes part by part, without waiting for the parts after', async () => {
    const world = aWorld()
    await world.sell()
    const { response } = await world.stream(anActor('buyer'), 'walnut desk')
    const reader = response.body?.getReader()
    const first = new TextDecoder().decode((await reader?.read())?.value)
    expect(await eventsOf(new Response(first))).toMatchObject([{ event: 'product' }])
    await reader?.cancel()
  })
})

it.each([
  ['text/event-stream', true],
  ['application/json;q=0.9, text/event-stream', true],
  ['text/event-stream;q=0.2, */*;q=0.1', true],
  ['TEXT/EVENT-STREAM', true],
  ['application/json, text/event-stream;q=0.1', false],
  ['text/event-stream;q=0.1, application/json', false],
  ['text/event-stream;q=0', false],
  ['application/json', false],
  ['*/*', false],
  ['', false],
])('Accept: %s is answered by a stream: %s', async (accept, isStreamed) => {
  const { response } = await aWorld().stream(anActor('buyer'), 'Hello', {}, { accept })
  const type = isStreamed ? 'text/event-stream; charset=utf-8' : 'application/json'
  expect([response.headers.get('content-type'), response.headers.get('vary')]).toEqual([type, 'Accept'])
})

it('a repeat under a key gets the answer in the form that the first request asked for, as the OpenAPI document says', async () => {
  const { stream, endpoint } = aWorld()
  const actor = anActor('buyer')
  for (const [first, then] of [
    ['application/json', 'text/event-stream'],
    ['text/event-stream', 'application/json'],
  ] as const) {
    const key = { 'idempotency-key': newId('req') }
    await stream(actor, 'Hello', {}, { ...key, accept: first })
    const { response } = await stream(actor, 'Hello', {}, { ...key, accept: then })
    expect(response.headers.get('content-type')).toContain(first)
  }
  const { paths } = await (await endpoint(new Request('http://credenza.test/openapi.json'))).json<{
    paths: Record<string, { post?: { description?: string } }>
  }>()
  expect(paths['/v1/assistant/messages']?.post?.description).toMatch(/repeated in the form that was asked for first/)
})

it('a stream is refused with 401 without a token, and with 422 for a wrong body', async () => {
  const { endpoint } = aWorld()
  const ask = (headers: Record<string, string>, body: unknown) =>
    endpoint(
      new Request('http://credenza.test/v1/assistant/messages', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
        body: JSON.stringify(body),
      }),
    )
  expect((await ask({}, { message: 'Hello' })).status).toBe(401)
  expect((await ask(as(anActor('buyer')), { message: '' })).status).toBe(422)
})
