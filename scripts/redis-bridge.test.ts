import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { root } from './support/configs.ts'

const script = join(root, 'scripts/redis-bridge.ts')
const redisServer = '/usr/bin/redis-server'
const [redisPort, behindPort, bridgePort] = [63_795, 63_796, 8395]
const url = `http://127.0.0.1:${bridgePort}`
const headers = { authorization: 'Bearer secret' }
const children = new Set<ChildProcess>()

function start(command: string, args: string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'ignore' })
  children.add(child)
  return child
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
  children.delete(child)
}

const startRedis = (port = redisPort) =>
  start(redisServer, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'])

const post = (path: string, body: unknown) => fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })

/** Polls until the bridge answers with this status. */
async function waitFor(status: number): Promise<void> {
  await vi.waitUntil(
    async () => {
      const response = await post('/', ['PING']).catch(() => undefined)
      await response?.body?.cancel()
      return response?.status === status
    },
    { timeout: 15_000 },
  )
}

describe('the Redis bridge', () => {
  beforeAll(async () => {
    const env = { PORT: String(bridgePort), REDIS_URL: `redis://127.0.0.1:${redisPort}`, UPSTASH_REDIS_REST_TOKEN: 'secret' }
    start('bun', [script], env)
    await waitFor(503)
  })
  afterAll(async () => {
    await Promise.all([...children].map(end))
  })

  it('says how it is used', () => {
    expect(execFileSync('bun', [script, '--help'], { encoding: 'utf8' })).toContain('REDIS_URL')
  })

  it('asks for its token', async () => {
    expect((await fetch(`${url}/ping`)).status).toBe(401)
    expect((await fetch(`${url}/ping`, { headers: { authorization: 'Bearer other' } })).status).toBe(401)
  })

  it('answers 503 at once while Redis is down', async () => {
    const response = await post('/pipeline', [['SET', 'a', '1']])
    expect([response.status, response.headers.get('retry-after'), await response.json()]).toEqual([
      503,
      '1',
      { error: 'ERR Redis does not answer' },
    ])
  })

  describe.skipIf(!existsSync(redisServer))(`with ${redisServer} (skipped where it is not installed)`, () => {
    it('connects again by itself each time Redis comes back', async () => {
      for (let turn = 0; turn < 2; turn++) {
        const redis = startRedis()
        await waitFor(200)
        await end(redis)
        await waitFor(503)
      }
    })

    it('answers 503 while Redis hangs, and recovers when Redis does', async () => {
      const redis = startRedis()
      await waitFor(200)
      redis.kill('SIGSTOP')
      await waitFor(503)
      redis.kill('SIGCONT')
      await waitFor(200)
      await end(redis)
    })

    it('opens a new connection when one has gone silent', async () => {
      const redis = startRedis(behindPort)
      const silenced: (() => void)[] = []
      const between = createServer((socket) => {
        const server = connect(behindPort, '127.0.0.1')
        for (const end of [socket, server]) end.on('error', () => end.destroy())
        socket.pipe(server).pipe(socket)
        silenced.push(() => socket.unpipe(server).pause())
      })
      between.listen(redisPort, '127.0.0.1')
      await waitFor(200)
      for (const silence of silenced) silence()
      await waitFor(503)
      await waitFor(200)
      between.close()
      await end(redis)
      await waitFor(503)
    })

    it('lets nothing in between the commands of a transaction', async () => {
      const redis = startRedis()
      await waitFor(200)
      // More than Redis reads of one connection at a time: without MULTI another connection would come in between.
      const steps = Array.from({ length: 4000 }, () => ['INCR', 'n'])
      const others = connect(redisPort, '127.0.0.1')
      const flood = setInterval(() => others.write('INCR n\r\n'.repeat(200)), 0)
      others.resume()
      const answers = await Promise.all(Array.from({ length: 8 }, async () => (await post('/multi-exec', steps)).json()))
      clearInterval(flood)
      others.destroy()
      for (const replies of answers as { result: number }[][]) {
        const [first = 0, ...rest] = replies.map(({ result }) => result)
        expect(rest).toEqual(rest.map((_, at) => first + 1 + at))
      }
      const [last] = (await (await post('/pipeline', [['GET', 'n']])).json()) as { result: string }[]
      expect(Number(last?.result)).toBeGreaterThan(8 * steps.length)
      await end(redis)
    })

    it('keeps bytes that are not text, and returns them in base64', async () => {
      const redis = startRedis()
      await waitFor(200)
      await fetch(`${url}/set/bytes`, { method: 'POST', headers, body: new Uint8Array([0xff, 0x00, 0xfe]) })
      const response = await fetch(`${url}/get/bytes`, { headers: { ...headers, 'Upstash-Encoding': 'base64' } })
      expect(await response.json()).toEqual({ result: '/wD+' })
      await end(redis)
    })

    it('passes on what the embedded cache does not speak', async () => {
      const redis = startRedis()
      await waitFor(200)
      const commands = [
        ['ZADD', 'z', '1', 'a'],
        ['ZRANGE', 'z', '0', '-1'],
        ['RPUSH', 'l', 'b'],
        ['SET', 'n', '9007199254740993'],
        ['APPEND', 'n', '0'],
      ]
      expect(await (await post('/pipeline', commands)).json()).toEqual([1, ['a'], 1, 'OK', 17].map((result) => ({ result })))
      await end(redis)
    })

    it('refuses what would change or block a connection that all share', async () => {
      const redis = startRedis()
      await waitFor(200)
      const commands = [['SELECT', '1'], ['MULTI'], ['BLPOP', 'l', '0'], ['subscribe', 'c'], ['SET', 'a', '1']]
      expect(await (await post('/pipeline', commands)).json()).toEqual([
        { error: "ERR Command is not available: 'SELECT'" },
        { error: "ERR Command is not available: 'MULTI'" },
        { error: "ERR Command is not available: 'BLPOP'" },
        { error: "ERR Command is not available: 'subscribe'" },
        { result: 'OK' },
      ])
      expect((await post('/multi-exec', [['SET', 'a', '2'], ['EXEC']])).status).toBe(400)
      expect(await (await post('/', ['GET', 'a'])).json()).toEqual({ result: '1' })
      await end(redis)
    })
  })
})
