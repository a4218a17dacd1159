import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { AppError } from '../contracts/errors'
import { newId } from '../contracts/ids'
import type { StoreBindings } from '../storage/store'
import { aCountedStore } from '../testing/data'
import { aClock } from '../testing/factories'
import { baseDeps } from '../worker/base-deps'
import { type Answer, type Attempt, runOnce, sweepIdempotency } from './idempotency'

const base = baseDeps('order', env as unknown as StoreBindings)
const { idempotency: store } = base
const day = 24 * 3_600_000

const answer = (body: unknown, status = 200): Answer => ({ status, headers: {}, body: JSON.stringify(body) })

function setting() {
  const now = aClock()
  const asked = { principal: newId('usr') as string, route: 'POST /v1/orders', key: 'k1', request: { a: 1, b: [2] } as unknown }
  const deps = { ...base, now }
  /** What a request gets, and whether it is a repeat. */
  const ask = async (work: (attempt: Attempt) => Promise<Answer>, other: Partial<typeof asked> = {}) => {
    const { answer: got, replayed } = await runOnce(deps, { ...asked, ...other }, work)
    return { ...JSON.parse(got.body), replayed }
  }
  let runs = 0
  const counting = async () => answer({ run: ++runs })
  return { now, deps, asked, ask, counting, runs: () => runs }
}

describe('runOnce', () => {
  const notes = base.documents.collection({ name: 'notes' })
  const noteOf = (_id: string) => notes.plan({ action: 'insertOne', document: { _id } })

  it('runs the work once and gives repeats the same answer, in any order of the members', async () => {
    const { ask, counting, runs } = setting()
    expect(await ask(counting)).toEqual({ run: 1, replayed: false })
    expect(await ask(counting, { request: { b: [2], a: 1 } })).toEqual({ run: 1, replayed: true })
    expect(runs()).toBe(1)
  })

  it('refuses another request under the same key, while the first runs and afterwards', async () => {
    const { ask, counting } = setting()
    const reused = { code: 'idempotency_key_reused' }
    await ask(async () => {
      await expect(ask(counting, { request: { a: 2 } })).rejects.toMatchObject(reused)
      return answer({})
    })
    await expect(ask(counting, { request: { a: 2 } })).rejects.toMatchObject(reused)
  })

  it('keeps the keys of two shoppers, and of two routes, apart', async () => {
    const { ask, counting } = setting()
    const others = [{}, { principal: newId('usr') }, { route: 'POST /v1/refunds' }]
    for (const [index, other] of others.entries()) expect(await ask(counting, other)).toEqual({ run: index + 1, replayed: false })
  })

  it('does not take one scope for another that reads like it', async () => {
    const { ask, counting } = setting()
    await ask(counting, { principal: 'a', route: 'b c', key: 'd' })
    expect(await ask(counting, { principal: 'a', route: 'b', key: 'c d' })).toMatchObject({ replayed: false })
  })

  it('runs one of a hundred requests at once; the others get its answer or an error that it is in progress', async () => {
    const { ask, counting, runs } = setting()
    const results = await Promise.allSettled(Array.from({ length: 100 }, () => ask(counting)))
    expect(runs()).toBe(1)
    for (const result of results) {
      if (result.status === 'fulfilled') expect(result.value).toMatchObject({ run: 1 })
      else expect(result.reason).toMatchObject({ code: 'idempotency_in_progress', meta: { retryAfter: 1 } })
    }
  })

  it('does not keep a refusal, thrown or answered, and runs the next attempt under new ids', async () => {
    const { ask } = setting()
    const ids: string[] = []
    const short = async ({ id }: Attempt) => {
      ids.push(id('ord'))
      throw new AppError('out_of_stock')
    }
    await expect(ask(short)).rejects.toMatchObject({ code: 'out_of_stock' })
    await ask(async ({ id }) => answer({ id: ids.push(id('ord')) }, 409))
    expect(await ask(async ({ id }) => answer({ id: ids.push(id('ord')) }))).toEqual({ id: 3, replayed: false })
    expect(new Set(ids).size).toBe(3)
  })

  it('runs again at once under the same ids after a server error, thrown or answered', async () => {
    const { ask } = setting()
    const attempts: [string, boolean][] = []
    const note = ({ id, resumed }: Attempt) => attempts.push([id('ord'), resumed])
    const crash = async (attempt: Attempt) => {
      note(attempt)
      throw new Error('the Worker died')
    }
    await expect(ask(crash)).rejects.toThrow('died')
    await ask(async (attempt) => answer({ n: note(attempt) }, 503))
    expect(await ask(async (attempt) => answer({ n: note(attempt) }))).toEqual({ n: 3, replayed: false })
    expect(attempts.map(([, resumed]) => resumed)).toEqual([false, true, true])
    expect(new Set(attempts.map(([id]) => id)).size).toBe(1)
  })

  it('keeps the ids after a refusal of an attempt that was not the first', async () => {
    const { ask } = setting()
    const attempts: [string, boolean][] = []
    const note = ({ id, resumed }: Attempt) => attempts.push([id('ord'), resumed])
    const fail = (error: Error) => async (attempt: Attempt) => {
      note(attempt)
      throw error
    }
    await expect(ask(fail(new Error('half done')))).rejects.toThrow('half done')
    await expect(ask(fail(new AppError('not_found')))).rejects.toMatchObject({ code: 'not_found' })
    await ask(async (attempt) => answer({ n: note(attempt) }, 409))
    expect(await ask(async (attempt) => answer({ n: note(attempt) }))).toEqual({ n: 4, replayed: false })
    expect(attempts.map(([, resumed]) => resumed)).toEqual([false, true, true, true])
    expect(new Set(attempts.map(([id]) => id)).size).toBe(1)
  })

  it('takes new ids after such a refusal when earlier attempts left nothing, but not after a server error', async () => {
    const { ask } = setting()
    const ids: string[] = []
    const fail =
      (error: Error) =>
      async ({ id, releaseKeyOnError }: Attempt) => {
        ids.push(id('ord'))
        releaseKeyOnError()
        throw error
      }
    for (const error of [new Error('half done'), new Error('half done again'), new AppError('cart_changed')])
      await expect(ask(fail(error))).rejects.toThrow()
    await ask(async ({ id, resumed }) => answer({ n: ids.push(id('ord')), resumed }))
    expect([ids[1], ids[2], new Set(ids).size]).toEqual([ids[0], ids[0], 2])
  })

  it('lets exactly one request take over from one that never finished, under the same ids', async () => {
    const { ask, now } = setting()
    const ids: string[] = []
    const silent = new Promise<void>((begun) => {
      ask(({ id }) => {
        ids.push(id('ord'))
        begun()
        return new Promise(() => {})
      }).catch(() => 'it never settles')
    })
    await silent
    now.advance(29_999)
    await expect(ask(async () => answer({}))).rejects.toMatchObject({ code: 'idempotency_in_progress' })
    now.advance(1)
    const results = await Promise.allSettled([1, 2, 3].map(() => ask(async ({ id }) => answer({ n: ids.push(id('ord')) }))))
    expect(results.some(({ status }) => status === 'fulfilled')).toBe(true)
    expect([ids.length, new Set(ids).size]).toEqual([2, 1])
  })

  it('keeps an answer for a day', async () => {
    const { ask, counting, now } = setting()
    await ask(counting)
    now.advance(day - 1)
    expect(await ask(counting)).toEqual({ run: 1, replayed: true })
    now.advance(1)
    expect(await ask(counting, { request: 'another' })).toEqual({ run: 2, replayed: false })
  })

  it('keeps a key for a day after its first attempt, however often it is tried again', async () => {
    const { ask, counting, now } = setting()
    const broken = () => Promise.reject(new Error('half done'))
    await expect(ask(broken)).rejects.toThrow()
    now.advance(day - 1)
    await expect(ask(broken)).rejects.toThrow()
    now.advance(1)
    expect(await ask(counting, { request: 'another' })).toEqual({ run: 1, replayed: false })
  })

  it('deletes records after a day, and none before', async () => {
    const { ask, counting, now, deps } = setting()
    const before = (await store.find({})).length
    await ask(counting)
    now.advance(day)
    await sweepIdempotency(deps)
    expect((await store.find({})).length).toBe(before + 1)
    now.advance(1)
    await sweepIdempotency(deps)
    expect(await store.find({ expiresAt: { $lt: now() } })).toEqual([])
  })

  it('stores the answer and the deferred writes in one call', async () => {
    const { asked, deps } = setting()
    const counted = aCountedStore(base.data)
    await runOnce({ ...deps, data: { ...base.data, ...counted } }, asked, async ({ deferWrites }) => {
      deferWrites([noteOf('along')])
      return answer('done')
    })
    expect([counted.calls, await notes.findOne({ _id: 'along' })]).toEqual([1, { _id: 'along' }])
  })

  it('stores the answer even when the deferred writes are refused', async () => {
    const { ask, counting } = setting()
    await notes.insertOne({ _id: 'there' })
    await ask(async ({ deferWrites }) => {
      deferWrites([noteOf('there')])
      return counting()
    })
    expect(await ask(counting)).toEqual({ run: 1, replayed: true })
  })

  it('fails when the answer cannot be stored, skips the deferred writes, and keeps the ids', async () => {
    const { ask } = setting()
    const ids: string[] = []
    const tooLarge = ask(async ({ deferWrites, id }) => {
      ids.push(id('ord'))
      deferWrites([noteOf('lost')])
      return answer('x'.repeat(3_000_000))
    })
    await expect(tooLarge).rejects.toMatchObject({ code: 'payload_too_large' })
    expect(await notes.findOne({ _id: 'lost' })).toBeNull()
    await ask(async ({ id }) => answer({ n: ids.push(id('ord')) }))
    expect(ids[1]).toBe(ids[0])
  })
})

describe('what is stored', () => {
  it('reveals neither principal nor key, request or answer', async () => {
    const { ask, asked } = setting()
    const secrets = { key: 'a-key-of-the-client', request: { password: 'correct horse' }, principal: 'address:192.0.2.1' }
    await ask(async () => answer({ refreshToken: 'a-token-to-steal' }), secrets)
    const stored = JSON.stringify(await store.find({}))
    for (const text of [secrets.key, secrets.principal, 'horse', 'a-token-to-steal', asked.route])
      expect(stored).not.toContain(text)
  })

  it('cannot be read with the key of another, nor after a byte was changed', async () => {
    const { ask, counting, asked, deps } = setting()
    await ask(counting)
    const [record] = await store.find({ state: 'done' }, { sort: { expiresAt: -1 }, limit: 1 })
    if (!record?.answer) throw new Error('nothing was kept')
    const other = { ...asked, key: 'k2' }
    await runOnce(deps, other, counting)
    const changed = `${record.answer.slice(0, -6)}AAAA==`
    for (const stolen of [record.answer, changed]) {
      await store.updateMany({ state: 'done' }, { $set: { answer: stolen } })
      await expect(runOnce(deps, other, counting)).rejects.toMatchObject({ name: 'OperationError' })
    }
  })

  it('has a fingerprint that does not reveal whether two requests were the same', async () => {
    const { ask, counting } = setting()
    for (const key of ['k1', 'k2']) await ask(counting, { key, request: { password: 'the same' } })
    const prints = (await store.find({})).map(({ fingerprint }) => fingerprint)
    expect(new Set(prints).size).toBe(prints.length)
  })
})
