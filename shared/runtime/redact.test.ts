import { afterEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../contracts/errors'
import { newId } from '../contracts/ids'
import { seeded } from '../testing/interleaving'
import { logger } from './logger'
import { maskText } from './mask'
import { redact } from './redact'

const jwt = `${btoa('{"alg":"EdDSA","kid":"k1"}').replaceAll('=', '')}.${btoa('{"sub":"usr_1","n":"1"}').replaceAll('=', '')}.c2lnbmF0dXJlLW9mLWl0`
const seal = 'ZxakQmavYtdmPqiLrWnuSbDfGhJekMfo-CyuEuiAaxYq'

/** What must never be read in a log, by what it is called here. */
const secrets: Readonly<Record<string, string>> = {
  address: 'ada.lovelace+shop@mail.example.co.uk',
  'address in a path': 'ada%40example.com',
  'access token': jwt,
  'refresh token': `${newId('ses')}.12.${seal}`,
  'webhook secret': 'whsec_mfkqgkyqrtwjupdilpziolalasw',
  'random key': 'qL8vN2xR5tY7uI0oP3aS6dF9gH1jK4lZ',
  'card number': '4242 4242 4242 4242',
  'card number without blanks': '378282246310005',
  'network address': '203.0.113.77',
  'network address, long': '2001:db8:85a3:8d3:1319:8a2e:370:7348',
  'network address, short': '2001:db8::8a2e:370',
  'connection string': 'mongodb+srv://app:hunter2pass@cluster0.abcde.mongodb.net/credenza',
  'redis address': 'rediss://default:AbCdEf@eu1.upstash.io:6379',
}
/** The part of a secret by which it would be recognised, if the rest were masked. */
const revealingPart = (secret: string): string =>
  secret.match(/:\/\/([^@]+)@/)?.[1] ?? secret.match(/\.(eyJ[\w-]+)\./)?.[1] ?? secret.match(/\.([\w-]{43,})$/)?.[1] ?? secret

describe('a log', () => {
  it.each(Object.entries(secrets))('has no %s, wherever in a text it stands', (_what, secret) => {
    for (const text of [
      secret,
      `before ${secret} after`,
      `("${secret}")`,
      `at=${secret}&b=1`,
      `{"value":"${secret}"}`,
      `<${secret}>`,
    ])
      expect(maskText(text)).not.toContain(revealingPart(secret))
  })

  it.each([
    'password',
    'newPassword',
    'Authorization',
    'set-cookie',
    'cookie',
    'refreshToken',
    'access_token',
    'x-api-key',
    'apiKey',
    'clientSecret',
    'stripe-signature',
    'code',
    'ticket',
    'shippingAddress',
    'postalCode',
    'MONGODB_URI',
  ])('has nothing that stands under %s', (key) => {
    const logged = JSON.stringify(
      redact({ deep: [{ [key]: 'opensesame' }, { [key]: { inner: 'opensesame' } }, { [key]: 123456 }] }),
    )
    expect(logged).not.toMatch(/opensesame|123456/)
    expect(logged).toContain(`"${key}":"[redacted]"`)
  })

  it.each([
    'password=opensesame',
    '"refresh_token": "opensesame"',
    "apiKey: 'opensesame'",
    '{\\"password\\":\\"opensesame\\"}',
    '?code=opensesame',
    'Basic b3BlbnNlc2FtZQ==',
    'Bearer opensesame',
  ])('has no secret of a text such as %s', (text) => expect(maskText(text)).not.toMatch(/opensesame|b3BlbnN/))

  it.each([
    'order ord_01jd3g5x8zq4m6v9b2c7n1k0hr waits since 2026-11-23T06:01:46.123Z',
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    'TypeError: x is undefined\n    at createExecutionContextForDurableObject (workers/order/repo.ts:12:34)\n    at node_modules/.pnpm/hono@4.13.19/index.js:1:1',
    'took 1763877600000 ms of 12:34:56, std::move, version 1.2.3',
    'http://127-0-0-1.example/v1/orders?limit=20&sort=price',
    'createExecutionContextForDurableObjectNamespaces',
  ])('keeps what is none: %s', (text) => expect(maskText(text)).toBe(text))

  it('keeps numbers, codes of problems, and that a token is absent', () => {
    const fields = {
      at: 1_763_877_600_000,
      attempts: 3,
      code: 'unavailable',
      token: null,
      cookie: false,
      sessionId: newId('ses'),
    }
    expect(redact(fields)).toEqual(fields)
    expect(redact({ paid: 4_242_424_242_424_242 })).toEqual({ paid: '[redacted]' })
  })

  it('contains no secret in the message, the stack, the cause or the members of an error', () => {
    const cause = new AppError('duplicate_key', `index email: ${secrets.address}`)
    const error = Object.assign(new Error(`cannot reach ${secrets['connection string']}`, { cause }), { password: 'opensesame' })
    const logged = JSON.stringify(redact({ error, all: new AggregateError([error]) }))
    expect(logged).not.toMatch(/hunter2pass|lovelace|opensesame/)
    expect(logged).toMatch(/cannot reach mongodb\+srv:\/\/\[redacted\]@cluster0/)
    expect(logged).toContain('"code":"duplicate_key"')
    expect(logged).toContain('redact.test')
  })

  it('is written for any value', () => {
    const loop: Record<string, unknown> = { name: 'a' }
    loop.self = [loop]
    const hostile = {
      get boom() {
        throw new Error('no')
      },
    }
    const proxy = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no')
        },
      },
    )
    expect(redact(loop)).toEqual({ name: 'a', self: ['[loop]'] })
    expect(redact([hostile, proxy, Symbol('s'), 10n, () => 1, undefined, Number.NaN, new Date(Number.NaN)])).toHaveLength(8)
    expect(redact({ hostile })).toEqual({ hostile: '[unreadable]' })
    expect(redact({ when: new Date(0), bytes: new Uint8Array(3), map: new Map([[secrets.address, 1]]) })).toEqual({
      ...{ when: '1970-01-01T00:00:00.000Z', bytes: '[3 bytes]', map: { '[email]': 1 } },
    })
  })

  it('is short for any value, and is never cut in the middle of a token', () => {
    const big = {
      text: `${'word '.repeat(797)}1234567890${jwt}`,
      list: Array.from({ length: 100_000 }, (_, at) => at),
      deep: nest(10_000),
    }
    const text = JSON.stringify(redact(big))
    expect(text.length).toBeLessThan(8_000)
    expect(text).not.toContain('eyJ')
    // What has no gap to cut at, and what a careless pattern would take minutes for.
    for (const unit of ['a', '@', '1', ':', 'a.', 'a@', '1 ', '://', '\\"', 'token=', '"', '%40', 'ab::'])
      expect(JSON.stringify(redact(unit.repeat(500_000))).length).toBeLessThan(10_000)
  })

  it('contains no secret, wherever in a value it stands', () => {
    const random = seeded(20_261_123)
    const any = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
    const values = Object.values(secrets)
    const make = (depth: number): unknown => {
      const secret = any(values)
      switch (depth === 0 ? Math.floor(random() * 3) : Math.floor(random() * 8)) {
        case 0:
          return secret
        case 1:
          return `${any(['', 'failed: ', 'GET /v1/x?q=', '{"a":"'])}${secret}${any(['', ' at 3', '"}', ', and'])}`
        case 2:
          return new Error(secret)
        case 3:
          return new Map([[any(['k', secret]), make(depth - 1)]])
        case 4:
          return new Set([make(depth - 1)])
        case 5:
          return Object.assign(new Error('x', { cause: make(depth - 1) }), { more: make(depth - 1) })
        case 6:
          return Array.from({ length: 3 }, () => make(depth - 1))
        default:
          return { [any(['a', 'token', 'email', secret])]: make(depth - 1), b: make(depth - 1) }
      }
    }
    for (let i = 0; i < 2_000; i++) {
      const thing = make(5)
      const text = JSON.stringify(redact({ thing }))
      for (const value of values) expect(text.includes(revealingPart(value)), `${value} in ${text}`).toBe(false)
    }
  })
})

it('masks nothing in short words of letters and slashes, nor in ids, which it therefore does not search', () => {
  const random = seeded(7)
  const pick = (length: number, from: readonly string[]) =>
    Array.from({ length }, () => from[Math.floor(random() * from.length)]).join('')
  const lower = [...'abcdefghijklmnopqrstuvwxyz']
  const words = [...lower, ...'ABCDEFGHIJKLMNOPQRSTUVWXYZ///', 'token', 'eyJ', 'Bearer', 'whsec', 'password']
  for (let i = 0; i < 5_000; i++) {
    const word = pick(random() * 32, words).slice(0, 31)
    const id = `${pick(3, lower)}_${pick(26, [...lower, ...'0123456789'])}`
    expect([maskText(word), id.startsWith('ghp') ? id : maskText(id)]).toEqual([word, id])
  }
})

describe('the logger', () => {
  afterEach(() => vi.restoreAllMocks())

  it('writes one line of JSON with message and fields masked', () => {
    const written = vi.spyOn(console, 'warn').mockImplementation(() => {})
    logger.warn(`mail to ${secrets.address} waits`, { to: secrets.address, attempts: 2 })
    expect(written.mock.calls).toEqual([
      [JSON.stringify({ level: 'warn', message: 'mail to [email] waits', to: '[email]', attempts: 2 })],
    ])
  })
})

const nest = (depth: number): unknown => {
  let nested: unknown = 'core'
  for (let at = 0; at < depth; at++) nested = { nested }
  return nested
}
