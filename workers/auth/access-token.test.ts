import { env } from 'cloudflare:workers'
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { aClock, anActor } from '../../shared/testing/factories'
import { accessTokens } from './access-token'

const now = aClock()
const actor = anActor('buyer')
const seconds = Math.floor(now() / 1000)
let first: JWK
let second: JWK

async function aKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  return { ...(await exportJWK(privateKey)), kid }
}

const tokensWith = (...keys: JWK[]) => accessTokens(JSON.stringify(keys))

/** A token like ours, except for the given parts. */
async function forge({
  key = first,
  alg = 'EdDSA',
  kid = 'first',
  typ = 'at+jwt',
  claims = {},
}: {
  key?: JWK | Uint8Array
  alg?: string
  kid?: string
  typ?: string
  claims?: Record<string, unknown>
} = {}) {
  const standard = {
    iss: 'https://credenza',
    aud: 'credenza',
    sub: actor.userId,
    sid: actor.sessionId,
    iat: seconds,
    exp: seconds + 900,
  }
  return new SignJWT({ ...standard, role: actor.role, name: actor.name, ...claims })
    .setProtectedHeader({ alg, kid, typ })
    .sign(key instanceof Uint8Array ? key : await importJWK(key, alg))
}

beforeAll(async () => {
  first = await aKey('first')
  second = await aKey('second')
})

describe('an access token', () => {
  it('names the actor for 15 minutes', async () => {
    const tokens = tokensWith(first)
    const token = await tokens.sign(actor, now())
    expect(await tokens.verify(token, now() + 899_000)).toEqual(actor)
    await expect(tokens.verify(token, now() + 900_000)).rejects.toMatchObject({ code: 'token_expired' })
  })

  it('is accepted as the forge function of this test makes it', async () => {
    expect(await tokensWith(first).verify(await forge(), now())).toEqual(actor)
  })

  it('verifies with every key, and is signed with the first', async () => {
    const old = await tokensWith(first).sign(actor, now())
    const rotated = tokensWith(second, first)
    expect(await rotated.verify(old, now())).toEqual(actor)
    expect(await tokensWith(second).verify(await rotated.sign(actor, now()), now())).toEqual(actor)
    await expect(tokensWith(second).verify(old, now())).rejects.toMatchObject({ code: 'token_invalid' })
  })

  it('is invalid when any part of it differs', async () => {
    const publicKey = new TextEncoder().encode(first.x)
    const own = await tokensWith(first).sign(actor, now())
    const [head, body, signature] = own.split('.')
    const none = btoa(JSON.stringify({ alg: 'none', kid: 'first', typ: 'at+jwt' })).replaceAll('=', '')
    const forged = {
      'another key under our kid': await forge({ key: second }),
      'an unknown kid': await forge({ kid: 'third' }),
      'no algorithm': `${none}.${body}.`,
      'our public key as an HMAC secret': await forge({ key: publicKey, alg: 'HS256' }),
      'another issuer': await forge({ claims: { iss: 'https://elsewhere' } }),
      'another audience': await forge({ claims: { aud: 'elsewhere' } }),
      'another type of token': await forge({ typ: 'JWT' }),
      'no expiry': await forge({ claims: { exp: undefined } }),
      'no session': await forge({ claims: { sid: undefined } }),
      'an unknown role': await forge({ claims: { role: 'owner' } }),
      'an expired one with another key': await forge({ key: second, claims: { exp: seconds - 1 } }),
      'a changed body': `${head}.${btoa(JSON.stringify({ role: 'admin' })).replaceAll('=', '')}.${signature}`,
      'no signature': `${head}.${body}.`,
      nonsense: 'nonsense',
      nothing: '',
    }
    for (const [what, token] of Object.entries(forged)) {
      await expect(tokensWith(first).verify(token, now()), what).rejects.toMatchObject({ code: 'token_invalid' })
    }
  })
})

describe('the key set', () => {
  it('has the public halves of all keys and nothing of the private halves', () => {
    const { keys } = tokensWith(first, second).keySet()
    expect(keys.map(({ kid, x }) => ({ kid, x }))).toEqual([first, second].map(({ kid, x }) => ({ kid, x })))
    expect(keys.flatMap((key) => Object.keys(key))).not.toContain('d')
  })

  it('accepts the keys of a local run', async () => {
    const tokens = accessTokens(env.AUTH_SIGNING_KEYS)
    expect(await tokens.verify(await tokens.sign(actor, now()), now())).toEqual(actor)
  })
})
