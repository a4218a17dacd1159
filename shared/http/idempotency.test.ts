import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { AppError } from '../contracts/errors'
import { newId } from '../contracts/ids'
import { baseDeps } from '../events/deps'
import type { StoreBindings } from '../storage/store'
import { aCountedStore } from '../testing/data'
import { aClock } from '../testing/factories'
import { idempotencyStore, once, sweepIdempotency } from './idempotency'

const bindings = env as unknown as StoreBindings

describe('once', () => {
  const base = baseDeps('order', bindings)
  const store = idempotencyStore(base.documents)
  const notes = base.documents.collection({ name: 'notes' })
  const noteOf = (_id: string) => notes.plan({ action: 'insertOne', document: { _id } })
  const setting = () => {
    const now = aClock()
    const context = { store, data: base.data, now, newToken: () => newId('ord') }
    const keyed = { principal: newId('usr'), route: 'POST /v1/orders', key: 'k1', body: { a: 1, b: [2] } }
    return { now, context, keyed }
  }

  it('runs the work once and answers repeats alike, whatever the order of the members', async () => {
    const { context, keyed } = setting()
    let runs = 0
    const work = async (token: string) => ({ answer: { token, run: ++runs } })
    const first = await once(context, keyed, work)
    expect(await once(context, { ...keyed, body: { b: [2], a: 1 } }, work)).toEqual(first)
    expect(runs).toBe(1)
  })

  it('refuses another body under the same key', async () => {
    const { context, keyed } = setting()
    await once(context, keyed, async () => ({ answer: {} }))
    await expect(once(context, { ...keyed, body: { a: 2 } }, async () => ({ answer: {} }))).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    })
  })

  it('keeps the keys of two shoppers, and of two routes, apart', async () => {
    const { context, keyed } = setting()
    const work = async (token: string) => ({ answer: token })
    const tokens = [
      await once(context, keyed, work),
      await once(context, { ...keyed, principal: newId('usr') }, work),
      await once(context, { ...keyed, route: 'POST /v1/refunds' }, work),
    ]
    expect(new Set(tokens).size).toBe(3)
  })

  it('of many at once runs one; the others are told so or get its answer', async () => {
    const { context, keyed } = setting()
    let runs = 0
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => once(context, keyed, async () => ({ answer: { run: ++runs } }))),
    )
    expect(runs).toBe(1)
    for (const result of results) {
      if (result.status === 'fulfilled') expect(result.value).toEqual({ run: 1 })
      else expect(result.reason).toMatchObject({ code: 'idempotency_in_progress', meta: { retryAfter: 1 } })
    }
  })

  it('does not freeze a refusal that can be mended', async () => {
    const { context, keyed } = setting()
    const short = async () => {
      throw new AppError('out_of_stock')
    }
    await expect(once(context, keyed, short)).rejects.toMatchObject({ code: 'out_of_stock' })
    expect(await once(context, keyed, async () => ({ answer: 'sold' }))).toBe('sold')
  })

  it('keeps the answer together with what goes along, in one call', async () => {
    const { context, keyed } = setting()
    const counted = aCountedStore(base.data)
    const data = { ...base.data, ...counted }
    await once({ ...context, data }, keyed, async () => ({ answer: 'done', along: [noteOf('along')] }))
    expect([counted.calls, await notes.findOne({ _id: 'along' })]).toEqual([1, { _id: 'along' }])
  })

  it('keeps the answer though what goes along is refused', async () => {
    const { context, keyed } = setting()
    await notes.insertOne({ _id: 'there' })
    const work = async () => ({ answer: newId('ord'), along: [noteOf('there')] })
    const answer = await once(context, keyed, work)
    expect(await once(context, keyed, work)).toBe(answer)
  })

  it('leaves undone what goes along with an answer that is not kept, and fails', async () => {
    const { context, keyed } = setting()
    const answer = { text: 'x'.repeat(3_000_000) }
    await expect(once(context, keyed, async () => ({ answer, along: [noteOf('lost')] }))).rejects.toMatchObject({
      code: 'payload_too_large',
    })
    expect(await notes.findOne({ _id: 'lost' })).toBeNull()
  })

  it('goes on with the same token after the work broke off', async () => {
    const { context, keyed } = setting()
    const tokens: string[] = []
    const crash = async (token: string) => {
      tokens.push(token)
      throw new Error('the Worker died')
    }
    await expect(once(context, keyed, crash)).rejects.toThrow('died')
    await once(context, keyed, async (token) => ({ answer: tokens.push(token) }))
    expect(tokens[1]).toBe(tokens[0])
  })

  it('takes over from a request that never came back, but only one taker does', async () => {
    const { context, keyed, now } = setting()
    const silent = once(context, keyed, () => new Promise<{ answer: string }>(() => {}))
    silent.catch(() => 'it never settles')
    await expect
      .poll(() => store.findOne({ _id: `${keyed.principal}:${keyed.route}:${keyed.key}` }))
      .toMatchObject({ state: 'running' })
    now.advance(31_000)
    let runs = 0
    const results = await Promise.allSettled([1, 2, 3].map(() => once(context, keyed, async () => ({ answer: ++runs }))))
    expect(runs).toBe(1)
    expect(results.some(({ status }) => status === 'fulfilled')).toBe(true)
  })

  it('forgets after a day', async () => {
    const { context, keyed, now } = setting()
    const first = await once(context, keyed, async (token) => ({ answer: token }))
    now.advance(25 * 3_600_000)
    expect(await once(context, { ...keyed, body: 'another' }, async (token) => ({ answer: token }))).not.toBe(first)
    now.advance(25 * 3_600_000)
    await sweepIdempotency(store, now())
    expect(await store.findOne({ _id: `${keyed.principal}:${keyed.route}:${keyed.key}` })).toBeNull()
  })
})
