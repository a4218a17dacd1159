import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { DataApi } from '../contracts/data'
import { AppError } from '../contracts/errors'
import { storeBindings } from '../testing/data'
import { aClock } from '../testing/factories'
import { interleaving, seeded } from '../testing/interleaving'
import { newCache } from './cache'
import { type CacheEntry, newVersionToken, readThrough, staleAfterWriteMs } from './read-through'

// A lost command is a warning, and there are very many here.
beforeAll(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}))

type Command = (string | number)[]
const entry: CacheEntry = { key: 'entry', tokenKey: 'token', seconds: 600, maxAge: 60_000 }

/** The few commands that a entry needs, over maps. */
function aRedis() {
  const strings = new Map<string, string>()
  const hashes = new Map<string, Map<string, string>>()
  const run = ([name, key = '', ...args]: Command) => {
    const [at, words] = [String(key), args.map(String)]
    switch (String(name).toUpperCase()) {
      case 'GET':
        return strings.get(at) ?? null
      case 'SET':
        if (words.some((word) => word.toUpperCase() === 'NX') && strings.has(at)) return null
        strings.set(at, words[0] ?? '')
        return 'OK'
      case 'HGETALL':
        return [...(hashes.get(at) ?? [])].flat()
      case 'HSET':
        hashes.set(at, (hashes.get(at) ?? new Map()).set(words[0] ?? '', words[1] ?? ''))
        return 1
      case 'HDEL':
        for (const word of words) hashes.get(at)?.delete(word)
        return 1
      case 'EXPIRE':
        return 1
      default:
        throw new Error(`no ${name} here`)
    }
  }
  return { run, strings, hashes }
}

/** The entry of one isolate; `through` is the way of every command to Redis. */
const anIsolate = (now: () => number, random: () => number, through: (command: Command) => unknown) => {
  const one = async (command: Command) => through(command)
  const data = {
    cache: one,
    // One after the other, as over a network: others come in between.
    cachePipeline: async (commands: Command[]) => {
      const results: { result: unknown }[] = []
      for (const command of commands) results.push({ result: await one(command) })
      return results
    },
  }
  return newCache(storeBindings(data as unknown as Partial<DataApi>), {
    now,
    random,
    runAfterwards: () => {},
    timeoutMs: 600_000,
  })
}
const answer = (version: number) => ({ facts: { version }, text: `{"version":${version}}` })

describe('a cache entry', () => {
  const anEntry = () => {
    const [redis, now] = [aRedis(), aClock()]
    const database = { version: 1, loads: 0, down: false }
    const load = async () => {
      database.loads += 1
      if (database.down) throw new AppError('unavailable')
      return answer(database.version)
    }
    const cache = () => anIsolate(now, () => 0.5, redis.run)
    const read = async (from: ReturnType<typeof cache>) => {
      const found = await readThrough(from, entry, load)
      return [found?.facts.version, found?.stale, database.loads]
    }
    return { redis, now, database, load, cache, read }
  }

  it('is loaded once for a hundred readers at once, with Redis or without, and not again for a later reader', async () => {
    const { cache, load, database, read, redis } = anEntry()
    const one = cache()
    await Promise.all(Array.from({ length: 100 }, () => readThrough(one, entry, load)))
    expect(database.loads).toBe(1)
    expect(await read(one)).toEqual([1, false, 1])
    expect(await read(cache())).toEqual([1, false, 1])
    const deaf = anIsolate(aClock(), Math.random, () => Promise.reject(new Error('down')))
    await Promise.all(Array.from({ length: 100 }, () => readThrough(deaf, entry, load)))
    // Nobody may share a load from before they came, since a write may lie in between: the first, and then those that wait together.
    expect(database.loads).toBeLessThan(8)
    expect(redis.hashes.size).toBe(1)
  })

  it('reads only the version token from Redis when the isolate has the answer', async () => {
    const { redis, now, load } = anEntry()
    const asked: string[] = []
    const watched = anIsolate(now, Math.random, (command) => {
      asked.push(String(command[0]))
      return redis.run(command)
    })
    await readThrough(watched, entry, load)
    asked.length = 0
    await readThrough(watched, entry, load)
    expect(asked).toEqual(['get'])
  })

  it('is served once more after its maximum age, while a new answer is loaded', async () => {
    const { cache, read, now, database } = anEntry()
    const one = cache()
    await read(one)
    database.version = 2
    now.advance(61_000)
    expect((await read(one)).slice(0, 2)).toEqual([1, false])
    expect(await read(one)).toEqual([2, false, 2])
  })

  it('is not served without loading when it is very old', async () => {
    const { cache, read, now, database } = anEntry()
    const one = cache()
    await read(one)
    database.version = 2
    now.advance(120_000)
    expect(await read(one)).toEqual([2, false, 2])
  })

  it('is served stale for ten minutes while the database is down, even when a write followed', async () => {
    const { cache, read, now, database, redis } = anEntry()
    const one = cache()
    await read(one)
    database.down = true
    redis.strings.set('token', newVersionToken())
    now.advance(599_000)
    expect((await read(one)).slice(0, 2)).toEqual([1, true])
    expect((await read(cache())).slice(0, 2)).toEqual([1, true])
    now.advance(1_000)
    await expect(read(one)).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('is not overwritten by a late store from before a write, and loses its past answers', async () => {
    const { cache, database, redis, load } = anEntry()
    let release = () => {}
    const slow = readThrough(cache(), entry, async () => {
      const old = await load()
      await new Promise<void>((resolve) => {
        release = resolve
      })
      return old
    })
    while (database.loads === 0) await Promise.resolve()
    database.version = 2
    redis.strings.set('token', 'after')
    expect((await readThrough(cache(), entry, load))?.facts.version).toBe(2)
    const stored = redis.hashes.get('entry')?.get('after')
    for (let turn = 0; turn < 50; turn++) await Promise.resolve()
    release()
    expect((await slow)?.facts.version).toBe(1)
    for (let turn = 0; turn < 50; turn++) await Promise.resolve()
    expect(redis.hashes.get('entry')?.size).toBe(2)
    expect(redis.hashes.get('entry')?.get('after') ?? stored).toContain('{"version":2}')
    expect((await readThrough(cache(), entry, load))?.facts.version).toBe(2)
    redis.strings.set('token', 'later')
    await readThrough(cache(), entry, load)
    for (let turn = 0; turn < 50; turn++) await Promise.resolve()
    expect([...(redis.hashes.get('entry')?.keys() ?? [])]).toEqual(['later'])
  })
})

/**
 * One product, some isolates that read it and some that write it, every step of theirs to Redis and the database in an order
 * of chance. Commands get lost on their way or their answers do, Redis forgets keys, the clock goes on. A write is acknowledged once its new
 * versionToken is known to be set, or else when `forgottenAfter` has passed since it began, as the product Worker does.
 */
async function aDayOf(seed: number): Promise<{ reads: number; violations: string[] }> {
  const random = seeded(seed)
  const chance = (probability: number) => random() < probability
  const [redis, now] = [aRedis(), aClock()]
  const database = { version: 0, writing: 0 }
  let published = 0
  let reads = 0
  const [lossy, forgetful] = [random() * 0.4, random() * 0.1]
  // On some days writers hardly reach Redis, while readers do.
  const severed = chance(0.5) ? 0.9 : lossy
  const unpublished: { version: number; begunAt: number }[] = []
  const violations: string[] = []
  const { step, run } = interleaving(random, () => {
    // Requests are short beside what they must not outlive, so the clock only leaps while no write is under way.
    now.advance(database.writing === 0 && chance(0.05) ? 50_000 : random() * 200)
    if (chance(forgetful)) redis.strings.delete('token')
    if (chance(forgetful / 2)) redis.hashes.clear()
  })
  const through = async (command: Command) => {
    const renews = command[0] === 'set' && !command.includes('nx')
    const lost = chance(renews ? severed : lossy)
    if (lost && chance(0.5)) throw new Error('the command is lost')
    const reply = await step(() => redis.run(command))
    if (lost) throw new Error('the answer is lost')
    return reply
  }
  const isolates = Array.from({ length: 3 }, () => anIsolate(now, random, through))
  const anyIsolate = () => isolates[Math.floor(random() * isolates.length)] ?? isolates[0]
  const load = () => step(() => database.version).then((version) => step(() => answer(version)))

  const renew = async () =>
    (await anyIsolate()?.attempt((client) => client.set(entry.tokenKey, newVersionToken(), { ex: 3_600 }))) !== undefined

  const reader = async () => {
    for (let round = 0; round < 12; round++) {
      const cache = await step(anyIsolate)
      const floor = published
      const found = cache && (await readThrough(cache, entry, load))
      reads += 1
      const version = Number(found?.facts.version)
      if (version < floor) violations.push(`seed ${seed}: read ${version} after ${floor} was acknowledged`)
    }
  }
  const writer = async () => {
    for (let round = 0; round < 4; round++) {
      await step(() => {})
      database.writing += 1
      const begunAt = now()
      const version = await step(() => {
        database.version += 1
        return database.version
      })
      if (await renew()) published = Math.max(published, version)
      else unpublished.push({ version, begunAt })
      database.writing -= 1
    }
  }
  const sweeper = async () => {
    for (let round = 0; round < 10; round++) {
      await step(() => {})
      const left = unpublished.splice(0)
      const renewed = left.length > 0 && (await renew())
      for (const write of left) {
        if (renewed || write.begunAt + staleAfterWriteMs < now()) published = Math.max(published, write.version)
        else unpublished.push(write)
      }
    }
  }
  await run([...Array.from({ length: 6 }, reader), writer(), writer(), sweeper()])
  return { reads, violations }
}

it('never shows a product older than a published write, in 40 days of random faults', async () => {
  const violations: string[] = []
  let reads = 0
  for (let seed = 1; seed <= 40; seed++) {
    const day = await aDayOf(seed)
    violations.push(...day.violations)
    reads += day.reads
  }
  expect(violations).toEqual([])
  expect(reads).toBe(40 * 72)
}, 60_000)
