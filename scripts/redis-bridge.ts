import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { serve } from 'bun'
import { answerRest } from '../workers/data/redis-rest.ts'
import { answerHelp } from './support/help.ts'
import { redisExecutor } from './support/redis-executor.ts'

const help = `npm run redis-bridge

Puts the Upstash REST contract in front of any Redis server, on 127.0.0.1 only, for development and for tests.

  REDIS_URL=redis://127.0.0.1:6379   the server; rediss:// is TLS
  PORT=8079                          where the contract is served
  UPSTASH_REDIS_REST_TOKEN=...       the token that clients send; a random one is made and printed without it

It prints UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN for its clients. It passes every command on but those that change or
block a connection, so it speaks more than the embedded cache does. While Redis is down it answers 503, and it connects again by
itself. Ctrl-C ends it.`

/** The largest request, in bytes. The contract refuses a smaller size first, with its own error. */
const MAX_BODY = 16 * 1024 * 1024

function readBridgePort(): number {
  const port = Number(process.env.PORT ?? 8079)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  console.error(`PORT is "${process.env.PORT}", which is not a port number`)
  return process.exit(1)
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

answerHelp(help)
const port = readBridgePort()
const redisUrl = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'
const token = process.env.UPSTASH_REDIS_REST_TOKEN ?? randomBytes(24).toString('base64url')
const expected = digest(token)
const executor = redisExecutor(redisUrl)
const server = listen()

function listen(): ReturnType<typeof serve> {
  const isToken = async (given: string | null) => given !== null && timingSafeEqual(digest(given), expected)
  try {
    return serve({
      hostname: '127.0.0.1',
      port,
      maxRequestBodySize: MAX_BODY,
      fetch: (request) => answerRest(request, { executor, base: '', isToken }),
    })
  } catch (error) {
    if ((error as { code?: string }).code !== 'EADDRINUSE') throw error
    console.error(`Port ${port} on 127.0.0.1 is in use; choose another: PORT=${port + 1} npm run redis-bridge`)
    return process.exit(1)
  }
}

console.log(`UPSTASH_REDIS_REST_URL=http://127.0.0.1:${server.port}`)
console.log(`UPSTASH_REDIS_REST_TOKEN=${token}`)

async function end(): Promise<void> {
  await server.stop(true)
  executor.close()
  process.exit(0)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end())
