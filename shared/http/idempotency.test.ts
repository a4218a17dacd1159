import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { AppError } from '../contracts/errors'
import { newId } from '../contracts/ids'
import { baseDeps } from '../events/deps'
import { aClock } from '../testing/factories'
import { idempotencyStore, once, sweepIdempotency } from './idempotency'

const bindings = env as unknown as { DATA: unknown }

describe('once', () => {
  const base = baseDeps('order', bindings)
  const store = idempotencyStore(base.documents)
  const setting = () => {
    const now = aClock()
    const context = { store, now, newToken: () => newId('ord') }
    const keyed = { principal: newId('usr'), route: 'POST /v1/orders', key: 'k1', body: { a: 1, b: [2] } }
    return { now, context, keyed }
  }

  it('runs the work once and answers repeats alike, whatever the order of the members', async () => {
    const { context, keyed } = setting()
    let runs = 0
    const work = async (token: string) => ({ token, run: ++runs })
    const first = await once(context, keyed, work)
    expect(await once(context, { ...keyed, body: { b: [2], a: 1 } }, work)).toEqual(first)
    expect(runs).toBe(1)
  })

  it('refuses another body under the same key', async () => {
    const { context, keyed } = setting()
    await once(context, keyed, async () => ({}))
    await expect(once(context, { ...keyed, body: { a: 2 } }, async () => ({}))).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    })
  })

  it('keeps the keys of two shoppers, and of two routes, apart', async () => {
    const { context, keyed } = setting()
    const work = async (token: string) => token
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
      Array.from({ length: 20 }, () => once(context, keyed, async () => ({ run: ++runs }))),
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
    expect(await once(context, keyed, async () => 'sold')).toBe('sold')
  })

  it('goes on with the same token after the work broke off', async () => {
    const { context, keyed } = setting()
    const tokens: string[] = []
    const crash = async (token: string) => {
      tokens.push(token)
      throw new Error('the Worker died')
    }
    await expect(once(context, keyed, crash)).rejects.toThrow('died')
    await once(context, keyed, async (token) => tokens.push(token))
    expect(tokens[1]).toBe(tokens[0])
  })

  it('takes over from a request that never came back, but only one taker does', async () => {
    const { context, keyed, now } = setting()
    const silent = once(context, keyed, () => new Promise<string>(() => {}))
    silent.catch(() => 'it never settles')
    await expect
      .poll(() => store.findOne({ _id: `${keyed.principal}:${keyed.route}:${keyed.key}` }))
      .toMatchObject({ state: 'running' })
    now.advance(31_000)
    let runs = 0
    const results = await Promise.allSettled([1, 2, 3].map(() => once(context, keyed, async () => ++runs)))
    expect(runs).toBe(1)
    expect(results.some(({ status }) => status === 'fulfilled')).toBe(true)
  })

  it('forgets after a day', async () => {
    const { context, keyed, now } = setting()
    const first = await once(context, keyed, async (token) => token)
    now.advance(25 * 3_600_000)
    expect(await once(context, { ...keyed, body: 'another' }, async (token) => token)).not.toBe(first)
    now.advance(25 * 3_600_000)
    await sweepIdempotency(store, now())
    expect(await store.findOne({ _id: `${keyed.principal}:${keyed.route}:${keyed.key}` })).toBeNull()
  })
})
