import { describe, expect, it } from 'vitest'
import type { Generator } from '../context/answer-types'
import { aBrief } from '../testing/read-fixtures'
import { openai } from './openai'
import { canary } from './prompt'
import { writingFrom } from './provider-from-env'
import { type AiBinding, workersAi } from './workers-ai'

type Chunk = string | Uint8Array | Error | 'hangs'

/** A body that gives these chunks, and tells whether it was given up. */
function bodyOf(chunks: readonly Chunk[]) {
  const state = { canceled: false }
  const left = [...chunks]
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const chunk = left.shift()
      if (chunk === undefined) controller.close()
      else if (chunk instanceof Error) controller.error(chunk)
      else if (chunk === 'hangs') await new Promise(() => {})
      else controller.enqueue(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk)
    },
    cancel: () => {
      state.canceled = true
    },
  })
  return { body, state }
}

/** Its `@` as a byte that UTF-8 does not have. */
const bytesOf = (text: string) => new TextEncoder().encode(text).map((byte) => (byte === 0x40 ? 0xff : byte))

const endpoint = { url: 'https://model.example/v1/', model: 'small', apiKey: 'sk-secret' }

/** An adapter before a fake of what it asks, which answers in its own way of writing an event of text. */
const adapters = {
  openai: {
    textEvent: (text: string) =>
      `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: text }, finish_reason: null }] })}\n\n`,
    make: (chunks: readonly Chunk[]) => {
      const { body, state } = bodyOf(chunks)
      const request = async () => new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } })
      return { generator: openai(endpoint, request as typeof fetch), state }
    },
  },
  'workers-ai': {
    textEvent: (text: string) => `data: ${JSON.stringify({ response: text, p: 'abcdef' })}\n\n`,
    make: (chunks: readonly Chunk[]) => {
      const { body, state } = bodyOf(chunks)
      const ai: AiBinding = { run: async () => body }
      return { generator: workersAi(ai, '@cf/small'), state }
    },
  },
}

async function read(generator: Generator, signal = new AbortController().signal) {
  const pieces: unknown[] = []
  for await (const piece of generator.write(aBrief(), signal)) pieces.push(piece)
  return pieces
}

const done = 'data: [DONE]\n\n'

describe.each(Object.entries(adapters))('the stream of %s', (_name, { make, textEvent }) => {
  it('gives the text piece by piece, and what it took', async () => {
    const usage = `data: ${JSON.stringify({ choices: [], response: '', usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 } })}\n\n`
    const { generator } = make([textEvent('Hello'), ': ping\n\n', textEvent(' there'), usage, done])
    expect(await read(generator)).toEqual(['Hello', ' there', { tokens: 12 }])
  })

  it('is put together from bytes cut anywhere, within a character too', async () => {
    const bytes = new TextEncoder().encode(textEvent('Café – 649,00 €') + textEvent('😀') + done)
    const { generator } = make([...bytes].map((byte) => Uint8Array.of(byte)))
    expect(await read(generator)).toEqual(['Café – 649,00 €', '😀'])
  })

  it('ends at [DONE], whatever would come after it', async () => {
    const { generator, state } = make([textEvent('a'), done, textEvent('b'), 'hangs'])
    expect(await read(generator)).toEqual(['a'])
    expect(state.canceled).toBe(true)
  })

  it.each<[string, Chunk[]]>([
    ['breaks off', [textEvent('a'), textEvent('b').slice(0, 20)]],
    ['ends without an end', [textEvent('a')]],
    ['breaks', [textEvent('a'), new TypeError('network')]],
    ['tells of an error', [textEvent('a'), 'data: {"error":{"message":"overloaded"}}\n\n', done]],
    ['tells of an error by its name', [textEvent('a'), 'event: error\ndata: {}\n\n', done]],
    ['is no JSON', [textEvent('a'), 'data: {oops\n\n', done]],
    ['is JSON of another kind', [textEvent('a'), 'data: {"choices":"no"}\n\n', done]],
    ['is no UTF-8', [textEvent('a'), Uint8Array.of(0xff, 0xfe), done]],
    ['has a piece that is no UTF-8', [textEvent('a'), bytesOf(textEvent('@')), done]],
    ['is one endless event', [textEvent('a'), ...Array.from({ length: 20 }, () => 'x'.repeat(10_000))]],
    ['says nothing without end', Array.from({ length: 6_000 }, () => 'data: {"choices":[]}\n\n')],
  ])('fails when it %s', async (_, chunks) => {
    const pieces: unknown[] = []
    const reading = async () => {
      for await (const piece of make(chunks).generator.write(aBrief(), new AbortController().signal)) pieces.push(piece)
    }
    await expect(reading()).rejects.toThrow()
    expect(pieces).toEqual(chunks[0] === textEvent('a') ? ['a'] : [])
  })

  it('is given up when nobody wants it any more', async () => {
    const { generator, state } = make([textEvent('a'), 'hangs'])
    const controller = new AbortController()
    const reading = read(generator, controller.signal)
    await new Promise<void>((resolve) => setTimeout(resolve, 0))
    controller.abort()
    await expect(reading).rejects.toThrow()
    expect(state.canceled).toBe(true)
  })
})

describe('a request to an endpoint like OpenAI’s', () => {
  const asking = async (response: Response) => {
    const asked: { request: Request; body: Record<string, unknown> }[] = []
    const request = async (url: RequestInfo | URL, init?: RequestInit) => {
      asked.push({ request: new Request(url, init), body: JSON.parse(String(init?.body)) })
      return response
    }
    const pieces = await read(openai(endpoint, request as typeof fetch)).catch((error: unknown) => error)
    return { asked: asked[0], pieces }
  }

  it('names the model and the limit, carries the key, follows no redirect and offers no tools', async () => {
    const { asked } = await asking(new Response(done, { headers: { 'content-type': 'text/event-stream' } }))
    expect(asked?.request.url).toBe('https://model.example/v1/chat/completions')
    expect([asked?.request.headers.get('authorization'), asked?.request.redirect]).toEqual(['Bearer sk-secret', 'manual'])
    expect(asked?.body).toMatchObject({ model: 'small', stream: true, max_tokens: 500 })
    expect(Object.keys(asked?.body ?? {}).sort()).toEqual(['max_tokens', 'messages', 'model', 'stream', 'temperature'])
    const messages = asked?.body.messages as { role: string; content: string }[]
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user'])
    expect([messages[0]?.content.includes(canary), messages[1]?.content.includes('"price":"$649.00"')]).toEqual([true, true])
  })

  it.each([
    ['an error', new Response('{"error":{"message":"bad key"}}', { status: 401 })],
    ['too many', new Response('', { status: 429 })],
    ['a redirect', new Response(null, { status: 307, headers: { location: 'https://evil.example' } })],
    ['no stream', Response.json({ choices: [] })],
    ['no body', new Response(null, { headers: { 'content-type': 'text/event-stream' } })],
  ])('fails on %s', async (_, response) => {
    expect((await asking(response)).pieces).toMatchObject({ code: 'unavailable' })
  })
})

describe('who words the answers', () => {
  const AI: AiBinding = { run: () => Promise.reject(new Error('not asked')) }
  it.each([
    ['an endpoint', { MODEL_URL: 'https://model.example/v1', AI }, 'openai'],
    ['Workers AI', { MODEL_URL: '', AI }, 'workers-ai'],
    ['nobody', { MODEL_URL: '' }, undefined],
  ])('is %s by the config', (_, env, name) => {
    expect(writingFrom({ MODEL: 'small', ...env }).generator?.name).toBe(name)
  })

  it('fails when Workers AI does not stream', async () => {
    await expect(read(workersAi({ run: async () => ({ response: 'all at once' }) }, 'small'))).rejects.toMatchObject({
      code: 'unavailable',
    })
  })
})
