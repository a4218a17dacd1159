import { readBounded } from '../../shared/http/body'

/** One word of a command. Bytes are a value that is not text. */
export type Argument = string | Uint8Array

/** A request without a valid command. The message is Redis' own or in its style. */
export class BadRequest extends Error {
  readonly status: number

  constructor(message: string, status = 400) {
    super(message)
    this.status = status
  }
}

/** Upstash's largest request of a paid plan, in bytes. */
const MAX_BODY = 10 * 1024 * 1024

/** `["SET", "foo", "bar", "EX", 100]`. @throws BadRequest */
export async function readCommand(request: Request): Promise<Argument[]> {
  return commandOf(await readJson(request))
}

/** `[["SET", "foo", "bar"], ["GET", "foo"]]`. @throws BadRequest */
export async function readCommands(request: Request): Promise<Argument[][]> {
  const commands = await readJson(request)
  if (!Array.isArray(commands) || commands.length === 0) throw new BadRequest('ERR the body must be an array of commands')
  return commands.map(commandOf)
}

/** `/set/foo/bar?EX=100`, or the same with the value as the body: `/set/foo?EX=100`. @throws BadRequest */
export async function readPathCommand(request: Request, path: string, search: string): Promise<Argument[]> {
  const words: Argument[] = path.split('/').map(decoded)
  const body = await readBody(request)
  if (body.byteLength > 0) words.push(textOr(body))
  return [...words, ...queryWords(search)]
}

/** `?EX=100&NX` in order, without the token. */
function queryWords(search: string): string[] {
  return search
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && !part.startsWith('_token='))
    .flatMap((part) => part.split(/=(.*)/s, 2))
    .filter((word) => word !== '')
    .map((word) => decoded(word.replaceAll('+', ' ')))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new BadRequest('ERR the address is not percent-encoded UTF-8')
  }
}

/** A client may send an object; Redis takes none, and a guess at its text would corrupt data. */
function commandOf(value: unknown): Argument[] {
  if (!Array.isArray(value) || value.length === 0) throw new BadRequest('ERR a command must be an array that is not empty')
  return value.map((word: unknown) => {
    if (typeof word === 'string') return word
    if (typeof word === 'number' || typeof word === 'boolean') return String(word)
    throw new BadRequest('ERR an argument must be a string, a number or a boolean')
  })
}

async function readJson(request: Request): Promise<unknown> {
  const body = textOr(await readBody(request))
  try {
    if (typeof body === 'string') return JSON.parse(body, exactNumber)
  } catch {
    // Answered below, as bytes that are not text are.
  }
  throw new BadRequest('ERR the body is not JSON')
}

/** A number that JavaScript may round, such as 9007199254740993 or 0.10, stays as the client has written it. */
const exactNumber = (_key: string, value: unknown, context?: { source: string }): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) ? (context?.source ?? null) : value

const readBody = (request: Request): Promise<Uint8Array> =>
  readBounded(request, MAX_BODY, () => new BadRequest('ERR max request size exceeded', 413))

function textOr(bytes: Uint8Array): Argument {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return bytes
  }
}
