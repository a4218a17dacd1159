import { describe, expect, it } from 'vitest'
import { anActor } from '../testing/factories'
import { decodeActor, encodeActor } from './actor'
import { AppError, problems } from './errors'
import { events, type Handlers, workers } from './events'
import { idSchema, newId } from './ids'

describe('the catalogue', () => {
  it('names only existing Workers, and no Worker subscribes to its own events', () => {
    for (const { from, to } of Object.values(events)) {
      expect(workers).toContain(from)
      for (const worker of to) expect(workers).toContain(worker)
      expect(to).not.toContain(from)
    }
  })

  it('makes a missing and a surplus handler a compile error', () => {
    const paid = async () => {}
    // @ts-expect-error inventory also consumes order.canceled
    const missing: Handlers<'inventory', unknown> = { 'order.paid': paid }
    // @ts-expect-error inventory does not consume order.created
    const surplus: Handlers<'inventory', unknown> = { 'order.paid': paid, 'order.canceled': paid, 'order.created': paid }
    expect([Object.keys(missing).length, Object.keys(surplus).length]).toEqual([1, 3])
  })
})

describe('ids', () => {
  it('are prefixed and sort by time', async () => {
    const ids = Array.from({ length: 3 }, (_, index) => `${index}`).map(() => newId('ord'))
    for (const id of ids) expect(idSchema('ord').safeParse(id).success).toBe(true)
    expect(new Set(ids).size).toBe(3)
    expect('ord_01jd3g5x8z' < 'ord_01jd3g5x90').toBe(true)
  })

  it.each(['ord_', 'usr_01jd3g5x8zq4m6v9b2c7n1k0hr', 'ord_01JD3G5X8ZQ4M6V9B2C7N1K0HR', 'ord_01jd3g5x8zq4m6v9b2c7n1k0h!', ' '])(
    'refuse %s',
    (text) => expect(idSchema('ord').safeParse(text).success).toBe(false),
  )
})

describe('the actor header', () => {
  it('carries names in any script', () => {
    const actor = anActor('seller', { name: 'Ünal 東京 🪑' })
    expect(decodeActor(encodeActor(actor))).toEqual(actor)
  })

  it.each([undefined, '', 'e30', '!!!', 'bnVsbA', btoa('{"userId":"usr_1","role":"admin"}')])('refuses %s', (header) => {
    expect(decodeActor(header)).toBeUndefined()
  })
})

describe('errors', () => {
  it('are restored after an RPC call that kept only their properties', () => {
    const thrown = Object.assign(new Error('short'), { name: 'AppError', code: 'out_of_stock', meta: { retryAfter: 2 } })
    const restored = AppError.from(thrown)
    expect(restored).toBeInstanceOf(AppError)
    expect(restored).toMatchObject({ code: 'out_of_stock', status: 409, message: 'short', meta: { retryAfter: 2 } })
  })

  it('are not mistaken for a foreign error', () => {
    expect(AppError.from(Object.assign(new Error('x'), { name: 'AppError', code: 'nonsense' }))).toBeUndefined()
    expect(AppError.from(new TypeError('x'))).toBeUndefined()
    expect(AppError.from('x')).toBeUndefined()
  })

  it('are all 4xx or 5xx', () => {
    for (const { status } of Object.values(problems)) expect(status).toBeGreaterThanOrEqual(400)
  })
})
