import type { RedisClient } from 'bun'
import type { Json } from '../../shared/contracts/data'
import type { Argument } from '../../workers/data/redis-request.ts'
import type { Executor, Reply } from '../../workers/data/redis-rest.ts'
import { type Connection, connectionTo } from './redis-connection.ts'

/**
 * What no client may send through connections that all share: commands that change the connection, take it over or block it, and
 * those that end the server. Everything else is passed on.
 */
const withheld = new Set(
  `AUTH HELLO RESET QUIT SELECT CLIENT READONLY READWRITE ASKING
  MULTI EXEC DISCARD WATCH UNWATCH
  SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE MONITOR SYNC PSYNC REPLCONF
  BLPOP BRPOP BRPOPLPUSH BLMOVE BLMPOP BZPOPMIN BZPOPMAX BZMPOP WAIT WAITAOF XREAD XREADGROUP
  SHUTDOWN DEBUG FAILOVER REPLICAOF SLAVEOF CONFIG MODULE ACL SAVE BGSAVE BGREWRITEAOF`.split(/\s+/),
)

type Outcome = PromiseSettledResult<unknown>

/**
 * Runs commands on a Redis server. Transactions have a connection of their own, and each sends all of its commands at once. So nothing
 * gets in between, in whatever order the client writes what several requests send at the same time.
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

/** Why a command is not passed on; undefined when it is. */
function refusalOf([name]: Argument[]): string | undefined {
  return withheld.has(String(name).toUpperCase()) ? `ERR Command is not available: '${name}'` : undefined
}

async function pipeline(connection: Connection, lines: Argument[][]): Promise<Reply[]> {
  return connection.use(async (client) => {
    const outcomes = await Promise.allSettled(
      lines.map(async (line) => {
        const refusal = refusalOf(line)
        return refusal === undefined ? send(client, line) : new Error(refusal)
      }),
    )
    return outcomes.map(replyOf)
  })
}

async function transaction(connection: Connection, lines: Argument[][]): Promise<Reply[] | { error: string }> {
  const refusal = lines.map(refusalOf).find((reason) => reason !== undefined)
  if (refusal !== undefined) return { error: `EXECABORT Transaction discarded because of: ${refusal}` }
  return connection.use(async (client) => {
    const sent = [['MULTI'], ...lines, ['EXEC']].map(([name, ...args]) => client.send(String(name), args))
    const outcomes = await Promise.allSettled(sent)
    const reply = replyOf(outcomes.at(-1))
    // The other answers are QUEUED or an error that EXEC repeats; a lost connection is not an answer.
    for (const outcome of outcomes) replyOf(outcome)
    if ('error' in reply) return reply
    return (reply.result as unknown[]).map((value) => replyOf({ status: 'fulfilled', value }))
  })
}

/** GET is read as bytes: it is the command by which clients read a string that is not text. */
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

/** @throws what is not an answer of Redis */
function replyOf(outcome: Outcome | undefined): Reply {
  if (outcome === undefined) throw new Error('Redis did not answer')
  const value = outcome.status === 'fulfilled' ? outcome.value : outcome.reason
  if (!(value instanceof Error)) return { result: value as Json | Uint8Array }
  const isAnswer = outcome.status === 'fulfilled' || (value as Error & { code?: string }).code === 'ERR_REDIS_SERVER_ERROR'
  if (isAnswer) return { error: value.message }
  throw value
}
