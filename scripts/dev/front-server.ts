import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { type Duplex, pipeline } from 'node:stream'

const host = '127.0.0.1'
/** More than the gateway accepts, so that the gateway is the one to refuse. */
const maxHeaderSize = 64 * 1024
/** Long, since a client may send a request in the moment in which its idle connection is closed. */
const keepAliveTimeout = 10 * 60_000

/** The port of the runtime; rejects when there is none. */
type Target = () => Promise<number>

export type FrontServer = {
  port: number
  /** Until this is called, `/health` answers 503 `starting`. */
  open(): void
  /** Makes new requests wait until `release`. Resolves when those in progress are answered, or after `drainMs`. */
  hold(drainMs: number): Promise<void>
  release(): void
  close(): void
}

/**
 * Listens in front of a runtime that restarts when its source changes: a request that comes meanwhile waits for the new code instead of
 * being refused. HTTP, streamed answers and WebSockets pass through unchanged.
 */
export async function startFrontServer(port: number, target: Target): Promise<FrontServer> {
  const inProgress = new Set<ServerResponse>()
  let isOpen = false
  let held = Promise.withResolvers<void>()
  let drained = Promise.withResolvers<void>()
  held.resolve()

  const server = createServer({ maxHeaderSize, keepAliveTimeout }, async (request, response) => {
    if (!isOpen && request.url?.split('?')[0] === '/health') return answer(response, { status: 'starting' })
    await held.promise
    if (response.destroyed) return
    inProgress.add(response)
    response.once('close', () => {
      inProgress.delete(response)
      if (inProgress.size === 0) drained.resolve()
    })
    await forward(request, response, target).catch((error) => refuse(response, error))
  })
  server.on('upgrade', async (request, socket, head) => {
    socket.once('error', () => socket.destroy())
    await held.promise
    await tunnel(request, socket, head, target).catch(() => socket.destroy())
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    open: () => {
      isOpen = true
    },
    hold: async (drainMs) => {
      held = Promise.withResolvers()
      drained = Promise.withResolvers()
      const timer = setTimeout(drained.resolve, inProgress.size === 0 ? 0 : drainMs)
      await drained.promise
      clearTimeout(timer)
    },
    release: () => held.resolve(),
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

function answer(response: ServerResponse, body: object): void {
  response.writeHead(503, { 'content-type': 'application/problem+json', 'cache-control': 'no-store', 'retry-after': '1' })
  response.end(JSON.stringify(body))
}

function refuse(response: ServerResponse, { message }: Error): void {
  if (response.headersSent) response.destroy()
  else answer(response, { title: 'The runtime does not answer', status: 503, code: 'unavailable', detail: message })
}

async function forward(request: IncomingMessage, response: ServerResponse, target: Target): Promise<void> {
  // A connection for each request: one that is kept could belong to a runtime that has ended.
  const headers = { ...request.headersDistinct, host: request.headers.host, connection: 'close' }
  const options = { host, port: await target(), method: request.method, path: request.url, headers, agent: false, setHost: false }
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const upstream = httpRequest(options, resolve)
  // Only an error before the answer matters: the runtime may answer without reading all of the body.
  upstream.on('error', reject)
  response.once('close', () => upstream.destroy())
  request.pipe(upstream)
  const answered = await promise
  const { connection: _connection, ...own } = answered.headersDistinct
  response.writeHead(answered.statusCode ?? 502, answered.statusMessage, own)
  response.flushHeaders()
  answered.once('error', () => response.destroy())
  answered.pipe(response)
}

/** Joins both sockets, which is all that a WebSocket needs; when one ends, so does the other. */
async function tunnel(request: IncomingMessage, socket: Duplex, head: Buffer, target: Target): Promise<void> {
  const upstream = connect(await target(), host)
  const headers = Object.entries(request.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value) => `${name}: ${value}`),
  )
  upstream.write([`${request.method} ${request.url} HTTP/1.1`, ...headers, '', ''].join('\r\n'))
  upstream.write(head)
  pipeline(socket, upstream, socket, () => socket.destroy())
}
