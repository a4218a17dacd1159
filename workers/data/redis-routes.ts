import { Hono } from 'hono'
import { type CacheObject, cacheObject } from '../../shared/storage/store'
import { isKey } from './key'
import { type Argument, BadRequest } from './redis-request'
import { answerRest, type Executor } from './redis-rest'

const BASE = '/redis'

/** The embedded cache by the Upstash REST contract, to be mounted at `/redis`. Its token is DATA_API_KEY. */
export const redisRoutes = new Hono<{ Bindings: DataEnv }>().all('*', ({ req, env }) =>
  answerRest(req.raw, { base: BASE, isToken: (given) => isKey(given, env), executor: executorOf(cacheObject(env)) }),
)

function executorOf(cache: CacheObject): Executor {
  return {
    pipeline: async (commands) => cache.pipeline(commands.map(texts)),
    transaction: async (commands) => cache.transaction(commands.map(texts)),
  }
}

function texts(command: Argument[]): string[] {
  return command.map((word) => {
    if (typeof word === 'string') return word
    throw new BadRequest('ERR the embedded cache keeps text: the value is not valid UTF-8')
  })
}
