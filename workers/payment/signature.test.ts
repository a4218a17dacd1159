import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { sign, tolerance, verify } from './signature'

const at = 1_700_000_000_000
const bytes = (text: string) => new TextEncoder().encode(text)
const payload = '{"id":"whk_1","title":"größe"}'

it('signs by Stripe’s scheme', async () => {
  const mac = createHmac('sha256', 'secret').update(`1700000000.${payload}`).digest('hex')
  expect(await sign(payload, 'secret', at + 999)).toBe(`t=1700000000,v1=${mac}`)
})

it('accepts a signature within five minutes in either direction and not a second longer', async () => {
  const header = await sign(payload, 'secret', at)
  const holds = (now: number) => verify(bytes(payload), header, 'secret', now)
  expect([await holds(at), await holds(at + tolerance), await holds(at - tolerance)]).toEqual([true, true, true])
  expect([await holds(at + tolerance + 1), await holds(at - tolerance - 1)]).toEqual([false, false])
})

it('accepts any one of several signatures, as while a secret is rolled', async () => {
  const [t, fresh] = (await sign(payload, 'new', at)).split(',')
  const old = (await sign(payload, 'old', at)).split(',')[1]
  expect(await verify(bytes(payload), `${t},${old},${fresh}`, 'new', at)).toBe(true)
  expect(await verify(bytes(payload), `${t},${old}`, 'new', at)).toBe(false)
})

it.each([
  null,
  '',
  't=',
  't=1700000000',
  'v1=',
  't=1700000000,v1=zz',
  `t=x,v1=${'0'.repeat(64)}`,
  `t=1e9,v1=${'0'.repeat(64)}`,
  ','.repeat(9_999),
])('refuses the header %s', async (header) => {
  expect(await verify(bytes(payload), header, 'secret', at)).toBe(false)
})

it('refuses every altered byte', async () => {
  const header = await sign(payload, 'secret', at)
  const original = bytes(payload)
  for (let index = 0; index < original.length; index++) {
    const altered = original.map((byte, position) => (position === index ? byte ^ 1 : byte))
    expect(await verify(altered, header, 'secret', at)).toBe(false)
  }
})
