import { createExecutionContext } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { addressHeader } from '../../shared/contracts/actor'
import { newId } from '../../shared/contracts/ids'
import { anActor } from '../../shared/testing/factories'
import { call } from '../../shared/testing/http'
import { depsFrom } from './deps'
import { countAttempt } from './guard'
import { AuthRpc } from './rpc'
import { anEmail, aWorld, password } from './testing/fixtures'
import { aGuest, endpoint, post, registration } from './testing/http'

describe('the routes', () => {
  it('register, sign in, return the user, and forbid caching', async () => {
    const body = registration()
    const made = await post('/v1/auth/register', { ...body, email: ` ${body.email.toUpperCase()} ` })
    expect(made.status).toBe(201)
    expect(made.headers.get('cache-control')).toBe('no-store')
    expect(made.json).toMatchObject({ tokenType: 'Bearer', expiresIn: 900 })
    const user = { email: body.email, name: 'Ada', role: 'buyer', storeName: null, emailVerified: false }
    expect(made.json.user).toEqual({ ...user, id: expect.stringMatching(/^usr_/), createdAt: expect.any(String) })
    const signedIn = await post('/v1/auth/login', { email: body.email, password })
    expect([signedIn.status, signedIn.json.user]).toEqual([200, made.json.user])
    const actor = await exports.AuthRpc.verifyAccessToken(signedIn.json.accessToken)
    expect(actor).toMatchObject({ userId: made.json.user.id, role: 'buyer', name: 'Ada' })
    expect((await call(endpoint, 'GET', '/v1/auth/me', { actor })).json).toEqual(made.json.user)
    const again = await post('/v1/auth/register', body)
    expect([again.status, again.json.code]).toEqual([409, 'email_taken'])
    const next = await post('/v1/auth/refresh', { refreshToken: signedIn.json.refreshToken })
    expect([next.status, Object.keys(next.json).sort()]).toEqual([200, ['accessToken', 'expiresIn', 'refreshToken', 'tokenType']])
  })

  it('sign in a guest, who has no address', async () => {
    const { status, json } = await post('/v1/auth/guest')
    expect([status, json.user.role, json.user.email]).toEqual([201, 'guest', null])
    const actor = await exports.AuthRpc.verifyAccessToken(json.accessToken)
    expect((await call(endpoint, 'GET', '/v1/auth/me', { actor })).json).toEqual(json.user)
  })

  it('make a new guest each time, also for the same address and Idempotency-Key', async () => {
    const headers = { 'idempotency-key': '1234567890123456' }
    const guests = [await post('/v1/auth/guest', {}, { headers }), await post('/v1/auth/guest', {}, { headers })]
    expect(guests.map(({ status }) => status)).toEqual([201, 201])
    expect(new Set(guests.map(({ json }) => json.user.id)).size).toBe(2)
    expect(new Set(guests.map(({ json }) => json.refreshToken)).size).toBe(2)
  })

  it('refuse an invalid registration', async () => {
    const refusals: [string, Record<string, unknown>][] = [
      ['email', { email: 'nonsense' }],
      ['email', { email: `${'a'.repeat(250)}@example.com` }],
      ['password', { password: 'too short' }],
      ['password', { password: 'x'.repeat(201) }],
      ['name', { name: ' ' }],
      ['name', { name: 'Ada\r\nBcc: everybody@example.com' }],
      ['role', { role: 'admin' }],
      ['role', { role: 'guest' }],
      ['storeName', { role: 'seller' }],
      ['storeName', { role: 'buyer', storeName: 'Desks' }],
      ['storeName', { storeName: 'Desks' }],
    ]
    for (const [field, change] of refusals) {
      const { status, json } = await post('/v1/auth/register', { ...registration(), ...change })
      expect([status, json.errors?.map(({ path }: { path: string }) => path)], JSON.stringify(change)).toEqual([422, [field]])
    }
  })

  it('register a seller with a store name', async () => {
    const { status, json } = await post('/v1/auth/register', { ...registration(), role: 'seller', storeName: ' Desks ' })
    expect([status, json.user.role, json.user.storeName]).toEqual([201, 'seller', 'Desks'])
  })

  it('answer the same for a wrong password and an unknown account, also under attack', async () => {
    const deps = depsFrom(env)
    const attack = async (email: string) => {
      const guess = async () => {
        const { status, json, headers } = await post('/v1/auth/login', { email, password: 'a wrong password' })
        return { status, json, retryAfter: headers.has('retry-after') }
      }
      const first = await guess()
      for (let other = 2; other <= deps.limits.account; other++)
        await countAttempt(deps, 'account', { email, address: newId('req') })
      return [first, await guess()]
    }
    const { email } = registration()
    await post('/v1/auth/register', registration(email))
    const known = await attack(email)
    expect(known).toMatchObject([
      { status: 401, json: { code: 'invalid_credentials' }, retryAfter: false },
      { status: 429, json: { code: 'too_many_requests' }, retryAfter: true },
    ])
    expect(await attack(anEmail())).toEqual(known)
  })

  it('count attempts by the address that the gateway names', async () => {
    const production = (request: Request) => endpoint(request, { ...env, ENVIRONMENT: 'production' })
    const forgot = (address: string) =>
      call(production, 'POST', '/v1/auth/password/forgot', { body: { email: anEmail() }, headers: { [addressHeader]: address } })
    const statuses = []
    for (let time = 1; time <= 51; time++) statuses.push((await forgot('192.0.2.1')).status)
    expect([...new Set(statuses.slice(0, 50))]).toEqual([202])
    const { status, headers } = await forgot('192.0.2.1')
    expect([statuses[50], status]).toEqual([429, 429])
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await forgot('192.0.2.2')).status).toBe(202)
  })

  it('verify an address and set a new password by the tokens of the e-mails', async () => {
    const body = registration()
    const { user } = (await post('/v1/auth/register', body)).json
    const mail = await exports.AuthRpc.emailVerification(user.id)
    expect((await post('/v1/auth/verify-email', { token: mail?.token })).json).toEqual({ emailVerified: true })
    expect(await exports.AuthRpc.emailVerification(user.id)).toBeNull()
    const asked = await post('/v1/auth/password/forgot', { email: body.email })
    expect([asked.status, asked.json]).toEqual([202, (await post('/v1/auth/password/forgot', { email: anEmail() })).json])
    const requestId = (await aWorld().deps.users.load(user.id))?.resets[0]?.id ?? 'req_'
    const link = await exports.AuthRpc.passwordReset(user.id, requestId)
    expect(link?.contact).toEqual(await exports.AuthRpc.contact(user.id))
    const reset = () => post('/v1/auth/password/reset', { token: link?.token, password: 'another horse entirely' })
    expect((await reset()).json).toEqual({ passwordChanged: true })
    const again = await reset()
    expect([again.status, again.json.code]).toEqual([401, 'token_invalid'])
    expect((await post('/v1/auth/login', body)).status).toBe(422)
    expect((await post('/v1/auth/login', { email: body.email, password: 'another horse entirely' })).status).toBe(200)
  })

  it('serve the public keys with a cache lifetime', async () => {
    const { json, headers } = await call(endpoint, 'GET', '/v1/auth/.well-known/jwks.json')
    expect(headers.get('cache-control')).toBe('public, max-age=300')
    expect(Object.keys(json.keys[0]).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
  })

  it('distinguish an expired access token from a forged one for other Workers', async () => {
    // Constructed here, since a rejection that crosses back into the same isolate counts as unhandled.
    const rpc = new AuthRpc(createExecutionContext(), env)
    const old = await depsFrom(env).accessTokens.sign(anActor('buyer'), Date.now() - 3_600_000)
    await expect(rpc.verifyAccessToken(old)).rejects.toMatchObject({ code: 'token_expired' })
    await expect(rpc.verifyAccessToken(`${old}x`)).rejects.toMatchObject({ code: 'token_invalid' })
  })
})

describe('sessions', () => {
  it('are listed newest first, by pages, and revoked one by one', async () => {
    const body = registration()
    await post('/v1/auth/register', body, { headers: { 'user-agent': 'first' } })
    const actors = []
    for (const agent of ['second', 'third']) {
      const { json } = await post('/v1/auth/login', { email: body.email, password }, { headers: { 'user-agent': agent } })
      actors.push(await exports.AuthRpc.verifyAccessToken(json.accessToken))
    }
    const [second, third] = actors
    if (!second || !third) throw new Error('not signed in')
    const list = (query = '', actor = third) => call(endpoint, 'GET', `/v1/auth/sessions${query}`, { actor })
    const page = (await list('?limit=2')).json
    const rest = (await list(`?limit=2&cursor=${page.nextCursor}`)).json
    const flags = [...page.items, ...rest.items].map(({ userAgent, current }) => [userAgent, current])
    expect(flags).toEqual([
      ['third', true],
      ['second', false],
      ['first', false],
    ])
    expect([page.items.length, rest.nextCursor]).toEqual([2, null])
    expect(Object.keys(page.items[0]).sort()).toEqual(['createdAt', 'current', 'id', 'lastUsedAt', 'userAgent'])

    const revoke = () => call(endpoint, 'DELETE', `/v1/auth/sessions/${second.sessionId}`, { actor: third })
    expect((await revoke()).status).toBe(204)
    expect((await revoke()).status).toBe(404)
    expect((await list()).json.items.map(({ userAgent }: { userAgent: string }) => userAgent)).toEqual(['third', 'first'])
    for (const [method, path] of [
      ['GET', '/v1/auth/me'],
      ['GET', '/v1/auth/sessions'],
    ] as const) {
      const { status, json } = await call(endpoint, method, path, { actor: second })
      expect([status, json.code]).toEqual([401, 'token_invalid'])
    }
  })

  it('end with a sign-out, and a second one changes nothing', async () => {
    const { accessToken, refreshToken } = (await post('/v1/auth/guest')).json
    const actor = await exports.AuthRpc.verifyAccessToken(accessToken)
    expect((await post('/v1/auth/logout', undefined, { actor })).status).toBe(204)
    expect((await post('/v1/auth/refresh', { refreshToken })).json.code).toBe('token_invalid')
    expect((await post('/v1/auth/logout', undefined, { actor })).status).toBe(204)
  })

  it('are not listed with a foreign cursor', async () => {
    const actor = await aGuest()
    for (const cursor of ['nonsense', btoa('[1]'), btoa('["usr_x"]')]) {
      const { status, json } = await call(endpoint, 'GET', `/v1/auth/sessions?cursor=${encodeURIComponent(cursor)}`, { actor })
      expect([status, json.code]).toEqual([422, 'validation_failed'])
    }
  })
})

describe('demo accounts', () => {
  const demo = (email: string) => ({ ...registration(email), role: 'admin' })

  it('are made once, with any role, in a local run', async () => {
    const body = demo(anEmail())
    const made = await post('/v1/dev/accounts', body)
    expect([made.status, made.json.role]).toEqual([201, 'admin'])
    const again = await post('/v1/dev/accounts', body)
    expect([again.status, again.json]).toEqual([200, made.json])
    expect((await post('/v1/auth/login', { email: body.email, password })).json.user.role).toBe('admin')
    const elsewhere = await post('/v1/dev/accounts', demo(`${newId('usr')}@example.org`))
    expect([elsewhere.status, elsewhere.json.errors[0].path]).toEqual([422, 'email'])
  })

  it('answer 404 outside local runs', async () => {
    const production = (request: Request) => endpoint(request, { ...env, ENVIRONMENT: 'production' })
    const body = demo(anEmail())
    for (const attempt of [{ body }, { body: {} }, { raw: 'x', headers: { 'content-type': 'text/plain' } }]) {
      const { status, json } = await call(production, 'POST', '/v1/dev/accounts', attempt)
      expect([status, json.code]).toEqual([404, 'not_found'])
    }
    expect((await call(production, 'GET', '/v1/dev/accounts')).status).toBe(404)
    expect(await aWorld().deps.users.byEmail(body.email)).toBeNull()
  })
})
