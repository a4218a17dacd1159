import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { type FrontServer, startFrontServer } from './front-server.ts'

const opened: { close(): void }[] = []
afterEach(() => {
  for (const each of opened.splice(0)) each.close()
})

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A runtime: an HTTP server on a port of its own. */
async function aRuntime(handler: Handler): Promise<{ port: number; server: Server }> {
  const server = createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  opened.push({ close })
  return { port: (server.address() as AddressInfo).port, server }
}

const saying = (text: string) => aRuntime((_request, response) => response.end(text))

async function aFront(target: () => Promise<number>): Promise<FrontServer & { url: string }> {
  const front = await startFrontServer(0, target)
  front.open()
  opened.push(front)
  return { ...front, url: `http://127.0.0.1:${front.port}` }
}

describe('the front server', () => {
  it('passes method, path, headers and body on as they are, and the answer back', async () => {
    const { port } = await aRuntime(async (request, response) => {
      const body = await buffer(request)
      response.writeHead(201, { 'set-cookie': ['a=1', 'b=2'], 'content-type': 'application/json' })
      response.end(
        JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body: body.toString('hex') }),
      )
    })
    const { url } = await aFront(async () => port)
    const answer = await fetch(`${url}/v1/x?q=%20a&q=b`, {
      method: 'POST',
      body: Buffer.from([0, 255, 10]),
      headers: { 'x-one': '1' },
    })
    const seen = (await answer.json()) as { method: string; url: string; headers: Record<string, string>; body: string }
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([201, ['a=1', 'b=2']])
    expect([seen.method, seen.url, seen.body]).toEqual(['POST', '/v1/x?q=%20a&q=b', '00ff0a'])
    expect(seen.headers).toMatchObject({ host: new URL(url).host, 'x-one': '1', 'content-length': '3' })
  })

  it('adds no body to a request without one', async () => {
    const { port } = await aRuntime(({ headers }, response) => response.end(JSON.stringify(headers)))
    const { url } = await aFront(async () => port)
    const headers = (await (await fetch(url, { method: 'POST' })).json()) as Record<string, string>
    expect([headers['content-length'], headers['transfer-encoding']]).toEqual(['0', undefined])
  })

  it('passes a streamed answer on chunk by chunk', async () => {
    let write = (_text: string) => {}
    const { port } = await aRuntime((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      write = (text) => void response.write(text)
    })
    const { url } = await aFront(async () => port)
    const reader = (await fetch(url)).body?.pipeThrough(new TextDecoderStream()).getReader()
    for (const piece of ['data: 1\n\n', 'data: 2\n\n']) {
      write(piece)
      expect((await reader?.read())?.value).toBe(piece)
    }
    await reader?.cancel()
  })

  it('ends the request at the runtime when the client goes away', async () => {
    const gone = Promise.withResolvers<void>()
    const arrived = Promise.withResolvers<void>()
    const { port } = await aRuntime((_request, response) => {
      response.once('close', gone.resolve)
      arrived.resolve()
    })
    const { url } = await aFront(async () => port)
    const controller = new AbortController()
    const answer = fetch(url, { signal: controller.signal })
    await arrived.promise
    controller.abort()
    await expect(answer).rejects.toThrow('aborted')
    await gone.promise
  })

  it('joins the sockets of an upgrade in both directions, and ends one with the other', async () => {
    const { port, server } = await aRuntime(() => {})
    server.on('upgrade', (request, socket) => {
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n${request.url} `)
      socket.on('data', (data) => (String(data) === 'end' ? socket.end() : socket.write(data)))
    })
    const front = await aFront(async () => port)
    const client = connect(front.port, '127.0.0.1')
    let received = ''
    const until = async (text: string) => {
      while (!received.includes(text)) received += String((await once(client, 'data'))[0])
    }
    client.write('GET /live?last=1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n')
    await until('/live?last=1 ')
    client.write('hello')
    await until('hello')
    client.write('end')
    await once(client, 'close')
  })

  it('lets a request wait during a reload, and has the new code answer it', async () => {
    let { port } = await saying('old')
    const { url, hold, release } = await aFront(async () => port)
    expect(await (await fetch(url)).text()).toBe('old')
    await hold(1_000)
    const answer = fetch(url)
    port = (await saying('new')).port
    release()
    expect(await (await answer).text()).toBe('new')
  })

  it('holds only once the requests in progress are answered', async () => {
    const arrived = Promise.withResolvers<ServerResponse>()
    const { port } = await aRuntime((_request, response) => arrived.resolve(response))
    const { url, hold } = await aFront(async () => port)
    const answer = fetch(url)
    const response = await arrived.promise
    let isHeld = false
    const held = hold(60_000).then(() => {
      isHeld = true
    })
    await new Promise(setImmediate)
    expect(isHeld).toBe(false)
    response.end('done')
    await held
    expect(await (await answer).text()).toBe('done')
  })

  it('does not wait for a request that takes longer than the limit', async () => {
    const arrived = Promise.withResolvers<void>()
    const { port } = await aRuntime(() => arrived.resolve())
    const { url, hold } = await aFront(async () => port)
    const answer = fetch(url).catch((error: Error) => error)
    await arrived.promise
    await hold(1)
    for (const each of opened.splice(0)) each.close()
    await answer
  })

  it('answers 503 when the runtime is gone', async () => {
    const { url } = await aFront(() => Promise.reject(new Error('it did not start')))
    const answer = await fetch(url)
    expect([answer.status, await answer.json()]).toEqual([
      503,
      expect.objectContaining({ code: 'unavailable', detail: 'it did not start' }),
    ])
  })

  it('answers /health with 503 starting until it is opened, and everything else before', async () => {
    const { port } = await saying('answer')
    const front = await startFrontServer(0, async () => port)
    opened.push(front)
    const get = async (path: string) => {
      const answer = await fetch(`http://127.0.0.1:${front.port}${path}`)
      return [answer.status, await answer.text()]
    }
    expect([await get('/health?x'), await get('/v1/products')]).toEqual([
      [503, '{"status":"starting"}'],
      [200, 'answer'],
    ])
    front.open()
    expect(await get('/health')).toEqual([200, 'answer'])
  })
})
