import { createExecutionContext } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { handle } from './pipeline'
import { answering, bearer, claims, marketplace, sign } from './testing/fixtures'

/** The assistant, whose answer the test writes piece by piece. */
function anAssistant() {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store, no-transform' }
  const env = marketplace({ AI_BUDDY: answering(() => new Response(readable, { headers })) })
  const ask = async () => {
    const init = { method: 'POST', ...bearer(await sign(claims())), body: '{"message":"Hello"}' }
    return handle(new Request('https://api.credenza.test/v1/assistant/messages', init), env, createExecutionContext())
  }
  return { writer, write: (text: string) => writer.write(new TextEncoder().encode(text)), ask }
}

describe('a streamed answer', () => {
  it('reaches the client chunk by chunk, each before the next is written', async () => {
    const { writer, write, ask } = anAssistant()
    const response = await ask()
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
    expect(response.headers.has('content-length')).toBe(false)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    for (const piece of ['event: token\ndata: {"text":"Hel"}\n\n', 'event: token\ndata: {"text":"lo"}\n\n']) {
      const [read] = await Promise.all([reader?.read(), write(piece)])
      expect(read?.value).toBe(piece)
    }
    await writer.close()
    expect((await reader?.read())?.done).toBe(true)
  })

  it('is cancelled at its source once the client has gone', async () => {
    const { writer, ask } = anAssistant()
    const response = await ask()
    await response.body?.cancel(new Error('the client has gone'))
    await expect(writer.closed).rejects.toThrow('the client has gone')
  })
})
