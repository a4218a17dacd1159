import { z } from '@hono/zod-openapi'
import { base64url, exportJWK, exportSPKI, importJWK, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { newApp } from '../../shared/http/app'
import { actorOf } from '../../shared/http/authorise'
import { answers, defineRoute } from '../../shared/http/route'
import { auth, bearer, claims, marketplace, otherKey, publicKey, send, sign, signBytes } from './testing/fixtures'

/** A Worker with a public endpoint and one for signed-in users. */
const app = newApp({ worker: 'cart', depsFrom: () => ({}) })
const shape = { method: 'get' as const, responses: { 200: answers('Who calls', z.object({ userId: z.string().nullable() })) } }
app.openapi(defineRoute('public', { ...shape, path: '/v1/products' }), (c) => c.json({ userId: actorOf(c)?.userId ?? null }, 200))
app.openapi(defineRoute('signed-in', { ...shape, path: '/v1/cart' }), (c) => c.json({ userId: actorOf(c)?.userId ?? null }, 200))
const worker = {
  fetch: (input: RequestInfo, init?: RequestInit) => app.fetch(new Request(input, init), {}),
} as unknown as Fetcher
const on = () => marketplace({ CART: worker, PRODUCT: worker })

const json = (value: unknown): string => base64url.encode(JSON.stringify(value))
const times = () => ({ iat: Math.floor(Date.now() / 1000), exp: Math.floor(Date.now() / 1000) + 900 })
const full = () => ({ ...claims(), ...times(), iss: 'https://credenza', aud: 'credenza' })

/** Signed by HMAC with the public key as its secret: a verifier that trusts the `alg` of the token accepts it. */
async function confused(secret: Uint8Array): Promise<string> {
  return new SignJWT(full()).setProtectedHeader({ alg: 'HS256', kid: 'k1', typ: 'at+jwt' }).sign(secret)
}

async function spkiOfKey(): Promise<Uint8Array> {
  const spki = await exportSPKI(
    (await importJWK({ ...(await publicKey()), alg: 'EdDSA' }, 'EdDSA', { extractable: true })) as CryptoKey,
  )
  return new TextEncoder().encode(spki)
}

/** A valid token with one part changed after signing. */
async function altered(part: 0 | 1 | 2, change: (text: string) => string): Promise<string> {
  const parts = (await sign(claims())).split('.')
  return parts.map((text, at) => (at === part ? change(text) : text)).join('.')
}

/** Signed with auth's key under any header, also one that the library would refuse to sign. */
async function signedRaw(head: Record<string, unknown>, payload = full()): Promise<string> {
  const signed = `${json({ alg: 'EdDSA', kid: 'k1', typ: 'at+jwt', ...head })}.${json(payload)}`
  return `${signed}.${base64url.encode(await signBytes(Buffer.from(signed)))}`
}

const withKid = (kid: unknown) => () => sign(claims(), { signer: otherKey, head: { kid } })
/** Signed by a key of the forger that the token header offers. */
const offering = (head: (key: object) => Record<string, unknown>) => async () => {
  return sign(claims(), { signer: otherKey, head: head(await exportJWK(otherKey.publicKey)) })
}

const forged: readonly (readonly [what: string, make: () => Promise<string>])[] = [
  ['not signed, alg none', async () => `${json({ alg: 'none', kid: 'k1', typ: 'at+jwt' })}.${json(full())}.`],
  ['not signed, alg None', async () => `${json({ alg: 'None', kid: 'k1', typ: 'at+jwt' })}.${json(full())}.`],
  ['not signed, without alg', async () => `${json({ kid: 'k1', typ: 'at+jwt' })}.${json(full())}.`],
  ['signed by HMAC with the public key', async () => confused(base64url.decode((await publicKey()).x ?? ''))],
  [
    'signed by HMAC with the public key as JSON',
    async () => confused(new TextEncoder().encode(JSON.stringify(await publicKey()))),
  ],
  ['signed by HMAC with the public key as PEM', async () => confused(await spkiOfKey())],
  ['signed by another key', () => sign(claims(), { signer: otherKey })],
  ['of an unknown key', withKid('k9')],
  ['of no key', withKid(undefined)],
  ['of a key that is a path', withKid('../../../../dev/null')],
  ['of a key that is a database query', withKid("k1' OR '1'='1")],
  ['of a key that is a URL', withKid('https://evil.example/jwks.json')],
  ['of a key that every object has as a member', withKid('__proto__')],
  ['of a key that is not a string', withKid({ $ne: null })],
  ['of a key inside the token (jwk)', offering((jwk) => ({ jwk }))],
  ['of a key inside the token with an unknown id', offering((jwk) => ({ jwk, kid: 'k9' }))],
  ['of a key at a URL of the forger (jku)', offering(() => ({ jku: 'https://evil.example/jwks.json' }))],
  ['of a certificate at a URL of the forger (x5u)', offering(() => ({ x5u: 'https://evil.example/cert.pem' }))],
  ['of a certificate inside the token (x5c)', offering(() => ({ x5c: ['MIIB'] }))],
  ['with an unknown critical extension (crit)', () => signedRaw({ crit: ['urn:x'], 'urn:x': 1 })],
  ['with an unencoded payload (b64)', () => signedRaw({ crit: ['b64'], b64: false })],
  ['of another kind', () => sign(claims(), { head: { typ: 'JWT' } })],
  ['of no kind', () => sign(claims(), { head: { typ: undefined } })],
  ['of another issuer', () => sign(claims(), { issuer: 'https://credenza.evil.example' })],
  ['for another audience', () => sign(claims(), { audience: 'credenza-admin' })],
  ['not valid yet', () => sign({ ...claims(), nbf: Math.floor(Date.now() / 1000) + 600 })],
  ['without a subject', () => sign({ ...claims(), sub: undefined })],
  ['without a session', () => sign({ ...claims(), sid: undefined })],
  ['without a role', () => sign({ ...claims(), role: undefined })],
  ['with an unknown role', () => sign({ ...claims(), role: 'root' })],
  ['with several roles', () => sign({ ...claims(), role: ['buyer', 'admin'] })],
  ['of a subject that is not a user', () => sign({ ...claims(), sub: 'ord_01jd3g5x8zq4m6v9b2c7n1k0hr' })],
  ['of a subject that is not a string', () => sign({ ...claims(), sub: { $gt: '' } })],
  ['with another payload', () => altered(1, () => json({ ...full(), role: 'admin' }))],
  ['with another signature', () => altered(2, (text) => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`)],
  ['without its signature', () => altered(2, () => '')],
  ['cut short', async () => (await sign(claims())).slice(0, -20)],
  ['of two parts', async () => (await sign(claims())).split('.').slice(0, 2).join('.')],
  ['of four parts', async () => `${await sign(claims())}.AA`],
  ['very long', async () => `${await sign({ ...claims(), name: 'x'.repeat(5_000) })}`],
  ['no token', async () => 'garbage'],
]

const refused = async (authorization: string, code: string, path = '') => {
  const headers = { authorization }
  const kept = await send(`/v1/cart${path}`, { headers }, on())
  expect([kept.status, kept.json.code, kept.headers.get('cache-control')]).toEqual([401, code, 'no-store'])
  const open = await send(`/v1/products${path}`, { headers }, on())
  expect([open.status, open.json]).toEqual([200, { userId: null }])
}

describe('an access token', () => {
  it('that is valid works on both endpoints', async () => {
    const payload = claims()
    const headers = { authorization: `Bearer ${await sign(payload)}` }
    for (const path of ['/v1/cart', '/v1/products'])
      expect((await send(path, { headers }, on())).json).toEqual({ userId: payload.sub })
    // So does one that is assembled like the forged ones, so those fail only because of their one fault.
    const raw = { authorization: `Bearer ${await signedRaw({}, { ...full(), sub: payload.sub })}` }
    expect((await send('/v1/cart', { headers: raw }, on())).json).toEqual({ userId: payload.sub })
  })

  it.each(forged)('that is %s is refused', async (_what, make) => refused(`Bearer ${await make()}`, 'token_invalid'))

  it('that has expired is refused as token_expired, so that the client can refresh it', async () =>
    refused(`Bearer ${await sign(claims(), { expires: '-1s' })}`, 'token_expired'))

  it.each([
    ['under another scheme', (token: string) => `Basic ${token}`],
    ['without a scheme', (token: string) => token],
    ['twice', (token: string) => `Bearer ${token}, Bearer ${token}`],
    ['behind another', (token: string) => `Bearer garbage, Bearer ${token}`],
    ['with something behind it', (token: string) => `Bearer ${token} x`],
  ])('that comes %s is refused', async (_how, headerFor) => refused(headerFor(await sign(claims())), 'token_invalid'))

  it('is read from the Authorization header only, not from the query, a cookie or a similar header', async () => {
    const token = await sign(claims())
    const headers = {
      cookie: `access_token=${token}`,
      'x-authorization': `Bearer ${token}`,
      'proxy-authorization': `Bearer ${token}`,
    }
    for (const query of ['', `?access_token=${token}`, `?token=${token}`]) {
      const { status, json: problem } = await send(`/v1/cart${query}`, { headers }, on())
      expect([status, problem.code]).toEqual([401, 'unauthenticated'])
    }
  })

  it('never makes the gateway fetch a key from a URL in the token', async () => {
    const asked: string[] = []
    const world = on()
    const fetch = (input: string, init?: RequestInit) => {
      asked.push(input)
      return world.AUTH.fetch(input, init)
    }
    const recording = { ...world, AUTH: { fetch } as unknown as Fetcher }
    for (const [, make] of forged) await send('/v1/cart', { headers: { authorization: `Bearer ${await make()}` } }, recording)
    expect(asked).toEqual(['http://auth/v1/auth/.well-known/jwks.json'])
  })
})

describe('the token of an operator', () => {
  const asking = (status: number) => {
    const asked: string[] = []
    const known = auth()
    const fetch = async (input: RequestInfo, init?: RequestInit) => {
      const { pathname } = new URL(new Request(input, init).url)
      if (pathname.endsWith('/jwks.json')) return known.fetch(input as string, init)
      asked.push(pathname)
      return new Response(null, { status })
    }
    return { asked, on: marketplace({ AUTH: { fetch } as unknown as Fetcher }) }
  }
  const seen = async (role: string, { on }: ReturnType<typeof asking>) => {
    const { status, json } = await send('/v1/orders', bearer(await sign({ ...claims(), role })), on)
    return [status, json.headers?.['x-credenza-actor'] !== undefined, json.headers?.['x-credenza-token-problem']]
  }

  it('is checked with auth on each request, and refused once the session has ended or the role has changed', async () => {
    const [present, gone] = [asking(200), asking(401)]
    expect(await seen('admin', present)).toEqual([200, true, undefined])
    expect(await seen('admin', present)).toEqual([200, true, undefined])
    expect(await seen('admin', gone)).toEqual([200, false, 'token_invalid'])
    expect([present.asked.length, gone.asked]).toEqual([2, ['/v1/auth/me']])
  })

  it('is refused while auth does not answer', async () => {
    expect((await seen('admin', asking(503)))[0]).toBe(503)
  })

  it('is the only kind that is checked with auth', async () => {
    const on = asking(401)
    for (const role of ['guest', 'buyer', 'seller']) expect(await seen(role, on)).toEqual([200, true, undefined])
    expect(on.asked).toEqual([])
  })
})
