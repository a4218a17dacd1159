import { exports } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { type Answer, call } from '../../shared/testing/http'
import { password } from './testing/fixtures'
import { aMember, endpoint, post, registration } from './testing/http'

const name = '__Host-credenza_refresh'
const wanted = { 'credenza-session': 'cookie' }
const sent = (token: string) => ({ cookie: `theme=dark; ${name}=${token}` })

/** The value and the attributes of the cookie that an answer sets. */
function cookieOf({ headers }: Answer) {
  const cookies = headers.getSetCookie().filter((cookie) => cookie.startsWith(`${name}=`))
  expect(cookies).toHaveLength(1)
  const [pair = '', ...attributes] = (cookies[0] ?? '').split('; ')
  return { token: pair.slice(name.length + 1), attributes: attributes.sort() }
}

const refresh = (headers: Record<string, string>, body: unknown = {}) => post('/v1/auth/refresh', body, { headers })

/** A guest whose refresh token is in a cookie. */
async function aBrowser() {
  const entered = await post('/v1/auth/guest', undefined, { headers: wanted })
  return { ...cookieOf(entered), actor: await exports.AuthRpc.verifyAccessToken(entered.json.accessToken) }
}

describe('a browser that asks for a cookie', () => {
  it('gets the refresh token in a cookie that no script and no other site can use, and not in the body', async () => {
    const body = registration()
    const answers = [
      await post('/v1/auth/register', body, { headers: wanted }),
      await post('/v1/auth/login', { email: body.email, password }, { headers: wanted }),
      await post('/v1/auth/guest', undefined, { headers: wanted }),
    ]
    for (const answer of answers) {
      const { token, attributes } = cookieOf(answer)
      expect(attributes).toEqual(['HttpOnly', 'Max-Age=2592000', 'Path=/', 'SameSite=Strict', 'Secure'])
      expect(token).toMatch(/^ses_/)
      expect(JSON.stringify(answer.json)).not.toContain(token)
      expect(Object.keys(answer.json).sort()).toEqual(['accessToken', 'expiresIn', 'tokenType', 'user'])
    }
  })

  it('exchanges the token by the cookie, and the new token replaces it', async () => {
    const { token } = await aBrowser()
    const answer = await refresh({ ...wanted, ...sent(token) })
    const next = cookieOf(answer)
    expect([answer.status, next.token === token, 'refreshToken' in answer.json]).toEqual([200, false, false])
    expect((await refresh({ ...wanted, ...sent(next.token) })).status).toBe(200)
  })

  it('loses the cookie when its token is invalid', async () => {
    const { token, actor } = await aBrowser()
    await post('/v1/auth/logout', undefined, { actor })
    for (const dead of [token, 'nonsense']) {
      const answer = await refresh({ ...wanted, ...sent(dead) })
      expect([answer.status, answer.json.code]).toEqual([401, 'token_invalid'])
      expect(answer.headers.get('cache-control')).toBe('no-store')
      const { token: left, attributes } = cookieOf(answer)
      expect([left, attributes]).toEqual(['', ['HttpOnly', 'Max-Age=0', 'Path=/', 'SameSite=Strict', 'Secure']])
    }
  })

  it('is asked to sign in when it has no cookie', async () => {
    const answer = await refresh({ ...wanted, cookie: 'theme=dark' })
    expect([answer.status, answer.json.code, answer.headers.getSetCookie()]).toEqual([401, 'unauthenticated', []])
  })

  it('signs out of its session and of the session in its cookie, and loses the cookie', async () => {
    const { body, actor } = await aMember()
    const other = cookieOf(await post('/v1/auth/login', { email: body.email, password }, { headers: wanted }))
    const answer = await post('/v1/auth/logout', undefined, { actor, headers: { ...wanted, ...sent(other.token) } })
    expect([answer.status, cookieOf(answer).token]).toEqual([204, ''])
    expect((await refresh({ ...wanted, ...sent(other.token) })).json.code).toBe('token_invalid')
    expect((await call(endpoint, 'GET', '/v1/auth/me', { actor })).status).toBe(401)
  })

  it('cannot sign out another user, whatever cookie it sends', async () => {
    const victim = await aBrowser()
    for (const cookie of [victim.token, 'nonsense']) {
      const { actor } = await aMember()
      expect((await post('/v1/auth/logout', undefined, { actor, headers: { ...wanted, ...sent(cookie) } })).status).toBe(204)
    }
    expect((await refresh({ ...wanted, ...sent(victim.token) })).status).toBe(200)
  })

  it('gets the same cookie again under one Idempotency-Key', async () => {
    const key = { 'idempotency-key': newId('req') }
    const body = registration()
    const first = await post('/v1/auth/register', body, { headers: { ...wanted, ...key } })
    const again = await post('/v1/auth/register', body, { headers: { ...wanted, ...key } })
    expect([cookieOf(again), again.headers.get('idempotency-replayed')]).toEqual([cookieOf(first), 'true'])
  })
})

describe('a cookie', () => {
  it('is ignored without the header, which no other site can send', async () => {
    const { token, actor } = await aBrowser()
    const answer = await refresh(sent(token))
    expect([answer.status, answer.json.errors]).toEqual([422, [{ path: 'refreshToken', message: 'is required' }]])
    expect((await refresh({ ...sent(token), 'credenza-session': 'yes' })).status).toBe(422)
    const { tokens } = await aMember()
    expect((await refresh(sent(token), { refreshToken: tokens.refreshToken })).json.refreshToken).toMatch(/^ses_/)
    const signedOut = await post('/v1/auth/logout', undefined, { actor: (await aMember()).actor, headers: sent(token) })
    expect([signedOut.status, signedOut.headers.getSetCookie()]).toEqual([204, []])
    expect((await call(endpoint, 'GET', '/v1/auth/me', { actor })).status).toBe(200)
  })

  it('and a token in the body are refused together', async () => {
    const { token } = await aBrowser()
    const { tokens } = await aMember()
    for (const headers of [{ ...wanted, ...sent(token) }, wanted]) {
      const answer = await refresh(headers, { refreshToken: tokens.refreshToken })
      expect([answer.status, answer.json.code]).toEqual([400, 'bad_request'])
    }
    expect((await refresh({ ...wanted, ...sent(token) })).status).toBe(200)
  })

  it('is set only on request', async () => {
    const answers = [await post('/v1/auth/guest'), await post('/v1/auth/register', registration())]
    const { refreshToken } = answers[0]?.json ?? {}
    answers.push(await refresh({}, { refreshToken }), await refresh({}, { refreshToken: 'nonsense' }))
    expect(answers.map(({ headers }) => headers.getSetCookie())).toEqual([[], [], [], []])
  })

  it('is ignored under another name or without its prefix', async () => {
    const { token } = await aBrowser()
    for (const other of ['credenza_refresh', '__Secure-credenza_refresh', '__host-credenza_refresh'])
      expect((await refresh({ ...wanted, cookie: `${other}=${token}` })).json.code).toBe('unauthenticated')
  })
})
