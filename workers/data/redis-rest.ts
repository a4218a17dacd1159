/**
 * The Upstash REST contract in front of anything that runs Redis commands. It needs no Workers runtime: the bridge to a Redis
 * server uses it too. Source of the rules: https://upstash.com/docs/redis/features/restapi.
 */
import type { Json } from '../../shared/contracts/data'
import { base64Of, respOf } from './redis-format'
import { type Argument, BadRequest, readCommand, readCommands, readPathCommand } from './redis-request'

/** What a command answers. Bytes are a string that is not text. */
export type Reply = { result: Json | Uint8Array } | { error: string }

export type Executor = {
  /** Runs commands in order; each answers for itself. @throws when Redis does not answer */
  pipeline(commands: Argument[][]): Promise<Reply[]>
  /** Runs all at once with nothing in between, or says why none was run. @throws when Redis does not answer */
  transaction(commands: Argument[][]): Promise<Reply[] | { error: string }>
}

type Contract = {
  executor: Executor
  isToken(given: string | null): Promise<boolean>
  /** The path below which the contract lives, such as `/redis`, or nothing. */
  base: string
}

type Format = 'json' | 'base64' | 'resp2'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT']

let answered = 0

/** Opaque to clients; each sorts after the ones before it. There is one copy of the data, so every read is the latest. */
function syncToken(): string {
  answered++
  return `${Date.now().toString(36)}-${answered.toString(36).padStart(8, '0')}`
}

export async function answerRest(request: Request, contract: Contract): Promise<Response> {
  const response = await answer(request, contract)
  response.headers.set('upstash-sync-token', syncToken())
  return request.method === 'HEAD' ? new Response(null, response) : response
}

async function answer(request: Request, { executor, isToken, base }: Contract): Promise<Response> {
  const url = new URL(request.url)
  if (!(await isToken(tokenOf(request, url)))) return problem(401, 'Unauthorized')
  if (!METHODS.includes(request.method)) return problem(405, 'Method Not Allowed', { allow: METHODS.join(', ') })
  try {
    const format = formatOf(request.headers)
    const path = url.pathname.slice(base.length).replace(/^\//, '')
    if (path === 'multi-exec') return transactionAnswer(await run(executor.transaction(await readCommands(request))), format)
    if (path === 'pipeline') return pipelineAnswer(await run(executor.pipeline(await readCommands(request))), format)
    const command = path === '' ? await readCommand(request) : await readPathCommand(request, path, url.search)
    const [reply] = await run(executor.pipeline([command]))
    return singleAnswer(reply ?? { error: 'ERR no reply' }, format)
  } catch (error) {
    if (error instanceof BadRequest) return problem(error.status, error.message)
    if (error instanceof Unavailable) return problem(503, error.message, { 'retry-after': '1' })
    throw error
  }
}

class Unavailable extends Error {}

async function run<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    if (cause instanceof BadRequest) throw cause
    throw new Unavailable('ERR Redis does not answer', { cause })
  }
}

/** The header wins; a token in the address is for clients that cannot set a header. */
function tokenOf({ headers }: Request, { searchParams }: URL): string | null {
  const header = headers.get('authorization')
  if (header === null) return searchParams.get('_token')
  return /^bearer +(\S+)$/i.exec(header)?.[1] ?? null
}

function formatOf(headers: Headers): Format {
  const [format, encoding] = ['upstash-response-format', 'upstash-encoding'].map((name) => headers.get(name)?.toLowerCase())
  if (format !== undefined && format !== 'json' && format !== 'resp2') throw new BadRequest('ERR Invalid response format')
  if (encoding !== undefined && encoding !== 'base64') throw new BadRequest('ERR Invalid response encoding')
  if (format === 'resp2' && encoding === 'base64') throw new BadRequest('ERR base64 is not possible in RESP2')
  return format === 'resp2' ? 'resp2' : (encoding ?? 'json')
}

function singleAnswer(reply: Reply, format: Format): Response {
  const status = 'error' in reply ? 400 : 200
  return format === 'resp2' ? bytesAnswer([reply], status) : Response.json(written(reply, format), { status })
}

function pipelineAnswer(replies: Reply[], format: Format): Response {
  return format === 'resp2' ? bytesAnswer(replies, 200) : listAnswer(replies, format)
}

/** A transaction is answered in JSON, whatever the format asked for. */
function transactionAnswer(replies: Reply[] | { error: string }, format: Format): Response {
  return Array.isArray(replies) ? listAnswer(replies, format) : problem(400, replies.error)
}

const listAnswer = (replies: Reply[], format: Format) => Response.json(replies.map((reply) => written(reply, format)))

function bytesAnswer(replies: Reply[], status: number): Response {
  return new Response(respOf(replies), { status, headers: { 'content-type': 'application/octet-stream' } })
}

function written(reply: Reply, format: Format): Reply {
  if ('error' in reply) return reply
  if (format === 'base64') return { result: reply.result === 'OK' ? 'OK' : base64Of(reply.result) }
  return reply.result instanceof Uint8Array ? { result: new TextDecoder().decode(reply.result) } : reply
}

function problem(status: number, error: string, headers: Record<string, string> = {}): Response {
  return Response.json({ error }, { status, headers })
}
