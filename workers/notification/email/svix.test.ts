import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { tolerance, verify } from './svix'

const at = 1_700_000_000_000
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const payload = '{"type":"email.bounced","größe":1}'
const bytes = (text: string) => new TextEncoder().encode(text)

const macOf = (id: string, seconds: string, body: string, key = secret) =>
  `v1,${createHmac('sha256', Buffer.from(key.slice(6), 'base64'))
    .update(`${id}.${seconds}.${body}`)
    .digest('base64')}`

/** The headers of a signed payload, some of them replaced. */
const headersOf = (more: Record<string, string> = {}) =>
  new Headers({
    'svix-id': 'msg_1',
    'svix-timestamp': '1700000000',
    'svix-signature': macOf('msg_1', '1700000000', payload),
    ...more,
  })

describe('a signature of Svix', () => {
  it('matches the example in the documentation of Svix', async () => {
    const example = {
      'svix-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'svix-timestamp': '1614265330',
      'svix-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    }
    const body = bytes('{"test": 2432232314}')
    expect(await verify(body, new Headers(example), secret, 1_614_265_330_000)).toBe(true)
  })

  it('is valid within five minutes, in either direction, and not longer', async () => {
    const isValid = (now: number) => verify(bytes(payload), headersOf(), secret, now)
    expect([await isValid(at), await isValid(at + tolerance), await isValid(at - tolerance)]).toEqual([true, true, true])
    expect([await isValid(at + tolerance + 1), await isValid(at - tolerance - 1)]).toEqual([false, false])
  })

  it('may be any of several, as while a secret is rolled', async () => {
    const old = macOf('msg_1', '1700000000', payload, 'whsec_b2xkZXIgc2VjcmV0')
    const fresh = macOf('msg_1', '1700000000', payload)
    const isValid = (signature: string) => verify(bytes(payload), headersOf({ 'svix-signature': signature }), secret, at)
    expect([await isValid(`${old} ${fresh}`), await isValid(`v1a,${fresh.slice(3)} ${fresh}`), await isValid(old)]).toEqual([
      true,
      true,
      false,
    ])
  })

  it.each<Record<string, string>>([
    { 'svix-id': 'msg_2' },
    { 'svix-id': '' },
    { 'svix-timestamp': '1700000001' },
    { 'svix-timestamp': '' },
    { 'svix-timestamp': '1.7e9' },
    { 'svix-signature': '' },
    { 'svix-signature': 'v1,' },
    { 'svix-signature': 'v1,====' },
    { 'svix-signature': macOf('msg_1', '1700000000', payload).replace('v1,', 'v2,') },
    { 'svix-signature': macOf('msg_1', '1700000000', payload).slice(3) },
    { 'svix-signature': macOf('msg_1', '1700000000', payload, 'whsec_b2xkZXIgc2VjcmV0') },
    { 'svix-signature': 'v1 '.repeat(10_000) },
  ])('is invalid with %j', async (more) => {
    expect(await verify(bytes(payload), headersOf(more), secret, at)).toBe(false)
  })

  it('detects every altered byte', async () => {
    const original = bytes(payload)
    for (let index = 0; index < original.length; index++) {
      const altered = original.map((byte, position) => (position === index ? byte ^ 1 : byte))
      expect(await verify(altered, headersOf(), secret, at)).toBe(false)
    }
  })

  it.each(['svix-id', 'svix-timestamp', 'svix-signature'])('is invalid without %s', async (name) => {
    const headers = headersOf()
    headers.delete(name)
    expect(await verify(bytes(payload), headers, secret, at)).toBe(false)
  })
})
