import { z } from '@hono/zod-openapi'
import { errors, importJWK, type JWK, type JWTHeaderParameters, jwtVerify, SignJWT } from 'jose'
import { type Actor, ActorSchema } from '../../shared/contracts/actor'
import { accessTokenRules } from '../../shared/contracts/auth'
import { AppError } from '../../shared/contracts/errors'
import type { Instant } from '../../shared/contracts/ids'

/** The lifetime of an access token in seconds. */
export const accessTokenSeconds = 900

const { issuer, audience, typ } = accessTokenRules
const algorithm = 'EdDSA'

const KeysSchema = z
  .array(z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), d: z.string(), kid: z.string().min(1) }))
  .min(1)

export type PublicKey = { kty: string; crv: string; x: string; kid: string; alg: string; use: string }

export type AccessTokens = {
  sign(actor: Actor, now: Instant): Promise<string>
  /** @throws AppError `token_expired` for an expired token of ours, `token_invalid` for anything else */
  verify(token: string, now: Instant): Promise<Actor>
  /** The public halves of the keys. Source: RFC 7517 */
  keySet(): { keys: PublicKey[] }
}

/** `signingKeys` is a JSON array of Ed25519 private JWKs. The first signs and all verify, so that a key can be replaced without a gap. */
export function accessTokens(signingKeys: string): AccessTokens {
  const keys = () => KeysSchema.parse(JSON.parse(signingKeys))
  const keySet = () => ({ keys: keys().map(({ kty, crv, x, kid }) => ({ kty, crv, x, kid, alg: algorithm, use: 'sig' })) })
  const keyOf = async ({ kid }: JWTHeaderParameters) => {
    const key: JWK | undefined = keySet().keys.find((candidate) => candidate.kid === kid)
    if (!key) throw new AppError('token_invalid')
    return importJWK(key, algorithm)
  }
  return {
    keySet,
    sign: async ({ userId, sessionId, role, name }, now) => {
      const [key] = keys()
      if (!key) throw new TypeError('There is no signing key')
      const issuedAt = Math.floor(now / 1000)
      return new SignJWT({ sid: sessionId, role, name })
        .setProtectedHeader({ alg: algorithm, kid: key.kid, typ })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(userId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + accessTokenSeconds)
        .sign(await importJWK(key, algorithm))
    },
    verify: async (token, now) => {
      try {
        const { payload } = await jwtVerify(token, keyOf, { ...accessTokenRules, currentDate: new Date(now) })
        const { sub: userId, sid: sessionId, role, name } = payload
        const actor = ActorSchema.safeParse({ userId, sessionId, role, name })
        if (!actor.success) throw new AppError('token_invalid')
        return actor.data
      } catch (error) {
        if (error instanceof errors.JWTExpired) throw new AppError('token_expired')
        if (error instanceof errors.JOSEError) throw new AppError('token_invalid')
        throw error
      }
    },
  }
}
