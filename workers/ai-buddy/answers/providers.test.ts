import { describe, expect, it } from 'vitest'
import type { Message, Model } from './model'
import { answerSchema } from './model-plan'
import { openai } from './openai'
import { plannerFrom } from './provider-from-env'
import { type AiBinding, workersAi } from './workers-ai'

const endpoint = { url: 'https://model.example/v1/', model: 'small', apiKey: 'sk-secret' }
const messages: Message[] = [
  { role: 'system', content: 'Choose.' },
  { role: 'user', content: 'A desk?' },
]
const ask = (model: Model, signal = new AbortController().signal) => model.ask(messages, signal)
const completion = (content: string | null, more: object = {}) =>
  Response.json({ choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }], ...more })

/** An endpoint that gives one response, and what it was asked. */
function endpointWith(response: Response) {
  const asked: { request: Request; body: Record<string, unknown> }[] = []
  const request = async (url: RequestInfo | URL, init?: RequestInit) => {
    asked.push({ request: new Request(url, init), body: JSON.parse(String(init?.body)) })
    return response
  }
  return { asked, model: openai(endpoint, request as typeof fetch) }
}

describe('an endpoint like OpenAI’s', () => {
  it('is sent the model, the schema and the limit, with the key, follows no redirect and is offered no tools', async () => {
    const { asked, model } = endpointWith(completion('{}'))
    await ask(model)
    const [sent] = asked
    expect(sent?.request.url).toBe('https://model.example/v1/chat/completions')
    expect([sent?.request.headers.get('authorization'), sent?.request.redirect]).toEqual(['Bearer sk-secret', 'manual'])
    expect(sent?.body).toEqual({
      ...{ model: 'small', messages, max_tokens: 500, temperature: 0 },
      response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: answerSchema } },
    })
  })

  it('answers with the content of its message and the tokens that it counts', async () => {
    const { model } = endpointWith(completion('{"intent":"unknown"}', { usage: { total_tokens: 12 } }))
    expect(await ask(model)).toEqual({ content: '{"intent":"unknown"}', tokens: 12 })
    expect(await ask(endpointWith(completion(null)).model)).toEqual({ content: null, tokens: null })
  })

  it.each([
    ['an error', new Response('{"error":{"message":"bad key"}}', { status: 401 })],
    ['too many requests', new Response('', { status: 429 })],
    ['a redirect', new Response(null, { status: 307, headers: { location: 'https://evil.example' } })],
    ['no choices', Response.json({ choices: [] })],
    ['another shape', Response.json({ choices: [{ message: 'no' }] })],
    ['no JSON', new Response('data: {"choices":[]}\n\n')],
    ['no body', new Response(null)],
    ['bytes that are no text', new Response(Uint8Array.of(0x22, 0xff, 0x22))],
    ['an answer without end', completion('x'.repeat(70_000))],
  ])('fails on %s', async (_, response) => {
    await expect(ask(endpointWith(response).model)).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('fails when it breaks off, and is canceled when its answer is too long', async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new TypeError('network')) })
    await expect(ask(endpointWith(new Response(broken)).model)).rejects.toThrow('network')
    let isCanceled = false
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(30_000)),
      cancel: () => {
        isCanceled = true
      },
    })
    await expect(ask(endpointWith(new Response(endless)).model)).rejects.toMatchObject({ code: 'unavailable' })
    expect(isCanceled).toBe(true)
  })
})

describe('Workers AI', () => {
  it('is asked in JSON mode, which takes the schema itself, and answers with an object or with text', async () => {
    const asked: unknown[] = []
    const answers = [{ response: { intent: 'unknown' }, usage: { total_tokens: 7 } }, { response: 'prose' }]
    const ai: AiBinding = {
      run: async (...given) => {
        asked.push(given.slice(0, 2))
        return answers.shift()
      },
    }
    expect(await ask(workersAi(ai, '@cf/small'))).toEqual({ content: { intent: 'unknown' }, tokens: 7 })
    expect(await ask(workersAi(ai, '@cf/small'))).toEqual({ content: 'prose', tokens: null })
    const input = { messages, max_tokens: 500, temperature: 0 }
    const format = { response_format: { type: 'json_schema', json_schema: answerSchema } }
    expect(asked[0]).toEqual(['@cf/small', { ...input, ...format }])
  })

  it('answers nothing, which is no failure, when the model cannot keep to the schema', async () => {
    const run = () => Promise.reject(new Error("InferenceUpstreamError: JSON Mode couldn't be met"))
    expect(await ask(workersAi({ run }, 'small'))).toEqual({ content: null, tokens: null })
  })

  it('fails on an error and on a stream', async () => {
    await expect(ask(workersAi({ run: () => Promise.reject(new Error('500')) }, 'small'))).rejects.toThrow('500')
    const stream = workersAi({ run: async () => null }, 'small')
    await expect(ask(stream)).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('what plans the answers', () => {
  const AI: AiBinding = { run: () => Promise.reject(new Error('not asked')) }
  it.each([
    ['an endpoint', { MODEL_URL: 'https://model.example/v1', AI }, 'openai'],
    ['Workers AI', { MODEL_URL: '', AI }, 'workers-ai'],
    ['no model', { MODEL_URL: '' }, undefined],
  ])('is %s by the config', (_, env, name) => {
    expect(plannerFrom({ MODEL: 'small', ...env }).model?.name).toBe(name)
  })
})
