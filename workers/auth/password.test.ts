import { describe, expect, it } from 'vitest'
import { costFrom, passwords, scryptCost } from './password'
import { cheap } from './testing/fixtures'

describe('passwords', () => {
  it('are stored as scrypt with N=2^15, r=8, p=3 and a salt of their own', async () => {
    const { hash, matches } = passwords(scryptCost)
    const [one, other] = await Promise.all([hash('credenza demo 1'), hash('credenza demo 1')])
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}\$[\w+/]{43}$/)
    expect(other).not.toBe(one)
    expect(await matches('credenza demo 1', one)).toBe(true)
  })

  it('cost less than the minimum only in local runs', () => {
    const log2nOf = (ENVIRONMENT: string, SCRYPT_LOG2N: string) => costFrom({ ENVIRONMENT, SCRYPT_LOG2N }).log2n
    expect([log2nOf('production', '4'), log2nOf('production', '17'), log2nOf('local', '4')]).toEqual([15, 17, 4])
  })

  it('derive the key of RFC 7914', async () => {
    // Section 12, second vector: "password", "NaCl", N=1024, r=8, p=16, the first 32 of 64 bytes.
    const key = Buffer.from('fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162', 'hex')
    const stored = `$scrypt$ln=10,r=8,p=16$${Buffer.from('NaCl').toString('base64').replaceAll('=', '')}$${key.toString('base64').replaceAll('=', '')}`
    expect(await passwords(cheap).matches('password', stored)).toBe(true)
    expect(await passwords(cheap).matches('passwore', stored)).toBe(false)
  })

  it('match by their characters, however these are composed', async () => {
    const { hash, matches } = passwords(cheap)
    const stored = await hash('caf\u00e9 caf\u00e9 caf\u00e9')
    expect(await matches('cafe\u0301 cafe\u0301 cafe\u0301', stored)).toBe(true)
    expect(await matches('cafe cafe cafe', stored)).toBe(false)
  })

  it('never match without an account, not even the empty password', async () => {
    expect(await passwords(cheap).matches('', undefined)).toBe(false)
  })

  it('refuse to compare with a string that is not a hash', async () => {
    await expect(passwords(cheap).matches('x', 'plain text')).rejects.toThrow(TypeError)
  })
})
