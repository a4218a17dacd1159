import { afterEach, expect, it, vi } from 'vitest'
import { storeBindings } from '../testing/data'
import { newCache } from './cache'

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** A Redis that fails or hangs as the test says, and counts how often it is asked. */
function aRedis() {
  const redis = {
    asked: 0,
    does: 'answer' as 'answer' | 'fail' | 'hang',
    cache: async () => {
      redis.asked += 1
      if (redis.does === 'fail') throw new Error('down')
      return redis.does === 'hang' ? new Promise<never>(() => {}) : 'value'
    },
  }
  return redis
}

it('stops calling a Redis that hangs after three attempts, and calls it again after the reset timeout', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
  const redis = aRedis()
  const { attempt } = newCache(storeBindings(redis), { timeoutMs: 5 })
  const get = () => attempt((client) => client.get('k'))
  redis.does = 'hang'
  for (let request = 0; request < 20; request++) {
    const answer = get()
    await vi.advanceTimersByTimeAsync(5)
    expect(await answer).toBeUndefined()
  }
  expect(redis.asked).toBe(3)
  redis.does = 'answer'
  expect(await get()).toBeUndefined()
  vi.setSystemTime(Date.now() + 5_000)
  expect([await get(), await get()]).toEqual(['value', 'value'])
})

it('sends a transaction as one, and a pipeline as another', async () => {
  const asked: string[] = []
  const executor = (name: string) => async (commands: unknown[]) => {
    asked.push(name)
    return commands.map(() => ({ result: 'OK' }))
  }
  const { attempt } = newCache(storeBindings({ cachePipeline: executor('pipeline'), cacheTransaction: executor('transaction') }))
  expect(await attempt((redis) => redis.multi().set('k', 'v').exec())).toEqual(['OK'])
  expect(await attempt((redis) => redis.pipeline().set('k', 'v').exec())).toEqual(['OK'])
  expect(asked).toEqual(['transaction', 'pipeline'])
})

it('sends each command once to Upstash when there is a URL, with its token', async () => {
  const asked: { url: string; token: string | null; body: unknown }[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    asked.push({ url, token: new Headers(init.headers).get('authorization'), body: JSON.parse(String(init.body)) })
    if (asked.length > 2) throw new TypeError('network')
    return Response.json(url.endsWith('/pipeline') ? [{ result: 'T0s=' }, { result: 'djE=' }] : { result: 'djE=' })
  })
  const env = { ...storeBindings({}), UPSTASH_REDIS_REST_URL: 'https://redis.example', UPSTASH_REDIS_REST_TOKEN: 'secret' }
  const { attempt } = newCache(env)
  expect(await attempt((redis) => redis.get('k'))).toBe('v1')
  expect(await attempt((redis) => redis.pipeline().set('k', 'v1').get('k').exec())).toEqual(['OK', 'v1'])
  expect(await attempt((redis) => redis.get('k'))).toBeUndefined()
  expect(asked).toEqual([
    { url: 'https://redis.example', token: 'Bearer secret', body: ['get', 'k'] },
    {
      url: 'https://redis.example/pipeline',
      token: 'Bearer secret',
      body: [
        ['set', 'k', 'v1'],
        ['get', 'k'],
      ],
    },
    { url: 'https://redis.example', token: 'Bearer secret', body: ['get', 'k'] },
  ])
})
