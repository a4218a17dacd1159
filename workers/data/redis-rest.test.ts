import { env, exports } from 'cloudflare:workers'
import { Redis } from '@upstash/redis'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const worker = exports.default as unknown as Fetcher
const url = 'https://data/redis'
const authorization = `Bearer ${env.DATA_API_KEY}`

const call = (path: string, init: RequestInit = {}) =>
  worker.fetch(`${url}${path}`, { ...init, headers: { authorization, ...(init.headers as Record<string, string>) } })
const post = (path: string, body: unknown, headers = {}) =>
  call(path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers })
const json = async (response: Promise<Response>) => (await response).json()

/** The first request starts the Worker, which takes long on a busy machine. */
const START_LIMIT_MS = 20_000

beforeEach(async () => {
  await post('/', ['FLUSHALL'])
}, START_LIMIT_MS)

describe('a command', () => {
  it('may be an array in the body', async () => {
    expect(await json(post('/', ['SET', 'foo', 'bar', 'EX', 100]))).toEqual({ result: 'OK' })
    expect(await json(post('/', ['TTL', 'foo']))).toEqual({ result: 100 })
    expect(await json(call('/', { method: 'PUT', body: '["GET","foo"]' }))).toEqual({ result: 'bar' })
  })

  it('may be a path, with options in the query and a value in the body', async () => {
    expect(await json(call('/set/foo/b%2Fr?EX=100&NX'))).toEqual({ result: 'OK' })
    expect(await json(call('/get/foo'))).toEqual({ result: 'b/r' })
    expect(await json(call('/ttl/foo'))).toEqual({ result: 100 })
    const value = '{"é": "a+b ? &"}'
    expect(await json(post('/set/foo?EX=50', value))).toEqual({ result: 'OK' })
    expect(await json(call('/get/foo'))).toEqual({ result: value })
    expect(await json(call('/ttl/foo'))).toEqual({ result: 50 })
  })

  it('answers HEAD without a body', async () => {
    const response = await call('/incr/n', { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(await json(call('/get/n'))).toEqual({ result: '1' })
  })

  it('that fails is answered by 400 with the error of Redis', async () => {
    const response = await post('/', ['INCR', 'foo', 'bar'])
    expect([response.status, await response.json()]).toEqual([400, { error: "ERR wrong number of arguments for 'incr' command" }])
    expect(await json(call('/eval/x/0'))).toEqual({
      error: expect.stringMatching(/^ERR 'EVAL' is not a command of the embedded cache; it speaks PING, /),
    })
  })

  it('keeps a number as it is written, also where JavaScript would round it', async () => {
    const numbers = ['9007199254740993', '-9223372036854775808', '0.12345678901234567891', '1.50', '1e400', '7']
    for (const number of numbers) {
      expect(await json(post('/', `["SET", "n", ${number}]`))).toEqual({ result: 'OK' })
      expect(await json(call('/get/n'))).toEqual({ result: number })
    }
    expect(await json(call('/set/n/9007199254740993'))).toEqual({ result: 'OK' })
    expect(
      await json(post('/pipeline', '[["INCRBY", "n", 1], ["INCRBY", "m", 9007199254740993], ["GET", "n"], ["GET", "m"]]')),
    ).toEqual([
      { error: 'ERR value is out of range: the embedded cache counts within 2^53' },
      { error: 'ERR value is out of range: the embedded cache counts within 2^53' },
      { result: '9007199254740993' },
      { result: null },
    ])
  })
})

describe('a request that is refused', () => {
  it.each([
    ['no key', { headers: { authorization: '' } }, 401],
    ['another key', { headers: { authorization: 'Bearer x' } }, 401],
    ['another scheme', { headers: { authorization: `Basic ${env.DATA_API_KEY}` } }, 401],
    ['an unknown method', { method: 'DELETE' }, 405],
  ])('has %s', async (_name, init, status) => {
    const response = await call('/get/foo', init)
    expect([response.status, typeof (await response.json<{ error: string }>()).error]).toEqual([status, 'string'])
  })

  it.each<[string, string, string]>([
    ['/', 'an empty command', '[]'],
    ['/', 'no JSON', 'SET foo'],
    ['/', 'no array', '{"a":1}'],
    ['/', 'an object in a command', '["SET","a",{}]'],
    ['/', 'null in a command', '["SET","a",null]'],
    ['/pipeline', 'no commands', '[]'],
    ['/pipeline', 'a word in place of a command', '[["SET","a","1"],"x"]'],
    ['/multi-exec', 'one command', '["SET","a","1"]'],
    ['/get/%ff', 'an address that is not UTF-8', ''],
  ])('at %s has %s', async (path, _name, body) => {
    const response = await post(path, body)
    expect([response.status, Object.keys(await response.json<object>())]).toEqual([400, ['error']])
    expect(await json(call('/exists/a'))).toEqual({ result: 0 })
  })

  it('has a body that is too large', async () => {
    const response = await post('/set/foo', 'x'.repeat(10 * 1024 * 1024 + 1))
    expect([response.status, await response.json()]).toEqual([413, { error: 'ERR max request size exceeded' }])
  })

  it('has a body that is too large and does not say so in a header', async () => {
    const chunk = new Uint8Array(1024 * 1024).fill(120)
    const chunks = Array.from({ length: 11 }, () => chunk)
    const response = await call('/set/foo', { method: 'POST', body: new Blob(chunks).stream() })
    expect(response.status).toBe(413)
  })

  it('has a value that is not UTF-8, which the embedded cache cannot keep', async () => {
    const response = await call('/set/foo', { method: 'POST', body: new Uint8Array([0xff, 0xfe]) })
    expect(response.status).toBe(400)
    expect(await json(call('/exists/foo'))).toEqual({ result: 0 })
  })
})

it('takes the token from the address too, but not instead of a header', async () => {
  expect((await worker.fetch(`${url}/ping?_token=${env.DATA_API_KEY}`)).status).toBe(200)
  expect((await worker.fetch(`${url}/ping?_token=x`)).status).toBe(401)
  expect((await worker.fetch(`${url}/ping?_token=${env.DATA_API_KEY}`, { headers: { authorization: 'Bearer x' } })).status).toBe(
    401,
  )
})

it('sends a sync token with every answer, each greater than the one before', async () => {
  const tokens = [await call('/ping'), await call('/nope'), await call('/ping')].map((one) =>
    one.headers.get('upstash-sync-token'),
  )
  expect(tokens.every(Boolean)).toBe(true)
  expect(tokens.toSorted()).toEqual(tokens)
  expect(new Set(tokens).size).toBe(3)
})

describe('the format of an answer', () => {
  const base64 = { 'Upstash-Encoding': 'base64' }
  const resp2 = { 'Upstash-Response-Format': 'resp2' }

  it('is base64 for every string but OK, at any depth', async () => {
    const commands = [
      ['SET', 'foo', 'é'],
      ['GET', 'foo'],
      ['HSET', 'h', 'OK', 'a'],
      ['HGETALL', 'h'],
      ['SCAN', 0],
      ['GET', 'h'],
      ['GET', 'n'],
    ]
    expect(await json(post('/pipeline', commands, base64))).toEqual([
      { result: 'OK' },
      { result: 'w6k=' },
      { result: 1 },
      { result: ['T0s=', 'YQ=='] },
      { result: ['MA==', ['Zm9v', 'aA==']] },
      { error: 'WRONGTYPE Operation against a key holding the wrong kind of value' },
      { result: null },
    ])
  })

  it('is RESP2 on demand', async () => {
    const response = await post(
      '/pipeline',
      [['SET', 'foo', 'é'], ['MGET', 'foo', 'n'], ['INCR', 'foo'], ['EXISTS', 'foo', 'foo'], ['NO\r\n+OK']],
      resp2,
    )
    expect(response.headers.get('content-type')).toBe('application/octet-stream')
    expect(await response.text()).toMatch(
      /^\+OK\r\n\*2\r\n\$2\r\né\r\n\$-1\r\n-ERR value is not an integer or out of range\r\n:2\r\n-ERR 'NO {2}\+OK' is not .*\r\n$/,
    )
    expect((await post('/', ['INCR', 'foo'], resp2)).status).toBe(400)
    expect(await json(post('/multi-exec', [['GET', 'foo']], resp2))).toEqual([{ result: 'é' }])
  })

  it.each([{ 'Upstash-Response-Format': 'resp3' }, { 'Upstash-Encoding': 'hex' }, { ...base64, ...resp2 }])(
    'is not %o',
    async (headers) => {
      expect((await post('/', ['PING'], headers as Record<string, string>)).status).toBe(400)
    },
  )
})

describe('a transaction', () => {
  it('answers each command by itself', async () => {
    expect(
      await json(
        post('/multi-exec', [
          ['SET', 'a', 'x'],
          ['INCR', 'a'],
          ['GET', 'a'],
        ]),
      ),
    ).toEqual([{ result: 'OK' }, { error: 'ERR value is not an integer or out of range' }, { result: 'x' }])
  })

  it.each([[['NOPE']], [['GET']]])('is discarded as a whole for %o, which Redis would not queue', async (command) => {
    const response = await post('/multi-exec', [['SET', 'a', 'x'], command])
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: expect.stringMatching(/^EXECABORT Transaction discarded because of previous errors: ERR .*'(NOPE|get)'/) },
    ])
    expect(await json(call('/exists/a'))).toEqual({ result: 0 })
  })
})

describe("Upstash's own client", () => {
  beforeEach(() => {
    vi.stubGlobal('fetch', (input: string, init: RequestInit) =>
      worker.fetch(input, { method: 'POST', headers: init.headers, body: init.body }),
    )
  })
  afterEach(() => {
    vi.unstubAllGlobals()
  })
  const client = (enableAutoPipelining = false) => new Redis({ url, token: env.DATA_API_KEY, enableAutoPipelining, retry: false })

  it('keeps objects and text of any language', async () => {
    const redis = client()
    await redis.set('product', { title: 'Stuhl aus Räuchereiche 🪑', price: 129 }, { ex: 60 })
    expect(await redis.get('product')).toEqual({ title: 'Stuhl aus Räuchereiche 🪑', price: 129 })
    await redis.hset('hash', { a: 1, b: 'OK' })
    expect(await redis.hgetall('hash')).toEqual({ a: 1, b: 'OK' })
    await redis.set('big', '9007199254740993')
    expect(await redis.get('big')).toBe('9007199254740993')
    await expect(redis.incr('product')).rejects.toThrow('ERR value is not an integer or out of range')
  })

  it('sends pipelines and transactions, its own automatic ones too', async () => {
    expect(await client().pipeline().set('a', 1).incr('a').get('a').exec()).toEqual(['OK', 2, 2])
    expect(await client().multi().set('a', 1).incr('a').sadd('a', 1).exec({ keepErrors: true })).toMatchObject([
      { result: 'OK' },
      { result: 2 },
      { error: 'WRONGTYPE Operation against a key holding the wrong kind of value' },
    ])
    const automatic = client(true)
    expect(await Promise.all([automatic.set('b', 1), automatic.incr('b'), automatic.mget('a', 'b')])).toEqual(['OK', 2, [2, 2]])
  })

  it('scans everything by cursors', async () => {
    const redis = client()
    const keys = Array.from({ length: 95 }, (_, at) => `key:${at}`)
    await redis.mset(Object.fromEntries(keys.map((key) => [key, 1])))
    const found: string[] = []
    let cursor = '0'
    do {
      const [next, page] = await redis.scan(cursor, { match: 'key:*', count: 20 })
      expect(page.length).toBeLessThanOrEqual(20)
      found.push(...page)
      cursor = next
    } while (cursor !== '0')
    expect(found.toSorted()).toEqual(keys.toSorted())
  })
})
