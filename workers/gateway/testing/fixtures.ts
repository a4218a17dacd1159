import { createExecutionContext } from 'cloudflare:test'
import { env as testEnv } from 'cloudflare:workers'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { newId } from '../../../shared/contracts/ids'
import { bindingName } from '../../../shared/contracts/workers'
import { handle } from '../pipeline'
import { backends } from '../routing'

const env = testEnv as unknown as GatewayEnv
export const claims = () => ({ sub: newId('usr'), sid: newId('ses'), role: 'buyer', name: 'Ada Löwe' })

const makeKey = () => generateKeyPair('EdDSA', { extractable: true })
const key = await makeKey()
export const otherKey = await makeKey()

type Forged = { signer?: typeof key; issuer?: string; audience?: string; expires?: string; head?: Record<string, unknown> }

/** An access token as auth makes it, or one that differs from it in some way. */
export const sign = (
  payload: Record<string, unknown>,
  { signer = key, issuer = 'https://credenza', audience = 'credenza', expires = '15m', head }: Forged = {},
) =>
  new SignJWT(payload)
    .setProtectedHeader({ alg: 'EdDSA', kid: 'k1', typ: 'at+jwt', ...head })
    .setIssuedAt()
    .setIssuer(issuer)
    .setAudience(audience)
    .setExpirationTime(expires)
    .sign(signer.privateKey)

/** What auth's key makes of any bytes. */
export const signBytes = async (bytes: BufferSource): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.sign('Ed25519', key.privateKey, bytes))

/** Auth's public key, as anyone may read it. */
export const publicKey = () => exportJWK(key.publicKey)

/** A Worker that answers what it was sent. */
const echo = (): Fetcher =>
  ({
    fetch: async (input: RequestInfo, init?: RequestInit) => {
      const request = new Request(input, init)
      return Response.json({
        url: request.url,
        method: request.method,
        headers: Object.fromEntries(request.headers),
        body: await request.text(),
      })
    },
  }) as unknown as Fetcher

export const answering = (answer: () => Response | Promise<Response>): Fetcher =>
  ({ fetch: async () => answer() }) as unknown as Fetcher

/** Auth as the gateway needs it: its public keys, and an echo for the rest. */
export function auth(count = { jwks: 0 }): Fetcher {
  return {
    fetch: async (input: RequestInfo, init?: RequestInit) => {
      const request = new Request(input, init)
      if (!request.url.endsWith('/jwks.json')) return echo().fetch(request)
      count.jwks++
      return Response.json({ keys: [{ ...(await publicKey()), kid: 'k1', alg: 'EdDSA', use: 'sig' }] })
    },
  } as unknown as Fetcher
}

/** The bindings of the Workers that the gateway passes requests on to. */
export const backendBindings = backends.map(bindingName)

export const marketplace = (overrides: Partial<GatewayEnv> = {}): GatewayEnv => ({
  ...env,
  ...Object.fromEntries(backendBindings.map((name) => [name, echo()])),
  AUTH: auth(),
  ...overrides,
})

/** What the gateway answers at a path, or at a URL of another host. */
export async function send(path: string, init: RequestInit = {}, on = marketplace()) {
  const url = path.startsWith('http') ? path : `https://api.credenza.test${path}`
  const response = await handle(new Request(url, init), on, createExecutionContext())
  const text = await response.text()
  const json = /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : undefined
  return { status: response.status, headers: response.headers, text, json }
}

export const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
