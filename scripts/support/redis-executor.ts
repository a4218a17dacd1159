import type { RedisClient } from 'bun'
import type { Json } from '../../shared/contracts/data'
import type { Argument } from '../../workers/data/redis-request.ts'
import type { Executor, Reply } from '../../workers/data/redis-rest.ts'
import { refusalOf } from './redis-commands.ts'
import { type Connection, connectionTo } from './redis-connection.ts'

type Outcome = PromiseSettledResult<unknown>

/**
 * Commands that run on a Redis server. Transactions have a connection of their own, and what one sends it sends without a pause: so
 * nothing gets in between, in whatever order the client writes what several requests send at once.
 */
export function redisExecutor(url: string): Executor & { close(): void } {
  const [commands, transactions] = [connectionTo(url), connectionTo(url)]
  return {
    pipeline: (lines) => pipeline(commands, lines),
    transaction: (lines) => transaction(transactions, lines),
    close: () => {
      commands.close()
      transactions.close()
    },
  }
}

const nameOf = ([name]: Argument[]) => String(name)

async function pipeline(connection: Connection, lines: Argument[][]): Promise<Reply[]> {
  return connection.use(async (client) => {
    const outcomes = await Promise.allSettled(
      lines.map(async (line) => {
        const refusal = refusalOf(nameOf(line))
        return refusal === undefined ? send(client, line) : new Error(refusal)
      }),
    )
    return outcomes.map(replyOf)
  })
}

async function transaction(connection: Connection, lines: Argument[][]): Promise<Reply[] | { error: string }> {
  const refusal = lines.map((line) => refusalOf(nameOf(line))).find((reason) => reason !== undefined)
  if (refusal !== undefined) return { error: `EXECABORT Transaction discarded because of: ${refusal}` }
  return connection.use(async (client) => {
    const sent = [['MULTI'], ...lines, ['EXEC']].map(([name, ...args]) => client.send(String(name), args))
    const outcomes = await Promise.allSettled(sent)
    const reply = replyOf(outcomes.at(-1))
    // The rest says QUEUED or why not, which EXEC repeats; a lost connection is not an answer.
    for (const outcome of outcomes) replyOf(outcome)
    if ('error' in reply) return reply
    return (reply.result as unknown[]).map((value) => replyOf({ status: 'fulfilled', value }))
  })
}

/** GET is read as bytes, because a string that is no text comes out of nothing else so often. */
async function send(client: RedisClient, [name, ...args]: Argument[]): Promise<unknown> {
  const [key] = args
  if (String(name).toUpperCase() !== 'GET' || args.length !== 1 || key === undefined) return client.send(String(name), args)
  const bytes = await client.getBuffer(key)
  return bytes === null ? null : textOr(bytes)
}

function textOr(bytes: Uint8Array): string | Uint8Array {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return bytes
  }
}

/** @throws whatever is not Redis' own answer */
function replyOf(outcome: Outcome | undefined): Reply {
  if (outcome === undefined) throw new Error('Redis did not answer')
  const value = outcome.status === 'fulfilled' ? outcome.value : outcome.reason
  if (!(value instanceof Error)) return { result: value as Json | Uint8Array }
  const isAnswer = outcome.status === 'fulfilled' || (value as Error & { code?: string }).code === 'ERR_REDIS_SERVER_ERROR'
  if (isAnswer) return { error: value.message }
  throw value
}
