import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { deleteCookie, generateCookie, getCookie, setCookie } from 'hono/cookie'
import { sessionCookie as name, sessionHeader } from '../../shared/contracts/auth'
import { AppError } from '../../shared/contracts/errors'
import { onError } from '../../shared/http/problem'
import type { Tokens } from './session-commands'

/** Strict and HttpOnly: only requests of our own pages carry it, and no script can read it. */
const attributes = { path: '/', secure: true, httpOnly: true, sameSite: 'Strict' } as const

/**
 * The header by which a browser asks for a cookie. A page of another origin cannot send it unless CORS allows it. This header, not the
 * cookie, keeps other sites from acting through the browser.
 */
export const sessionHeaders = z.object({
  [sessionHeader]: z
    .literal('cookie')
    .optional()
    .openapi({
      description: `Keeps the refresh token in the cookie ${name}, not in bodies. Without this header cookies are ignored.`,
    }),
})

const isInCookie = (c: Context): boolean => c.req.header(sessionHeader) === 'cookie'

/** Delivers tokens as the client asked: the refresh token in the body, or in the cookie. */
export function deliverTokens(c: Context, { refreshToken, refreshableFor, ...tokens }: Tokens) {
  if (!isInCookie(c)) return { ...tokens, refreshToken }
  setCookie(c, name, refreshToken, { ...attributes, maxAge: refreshableFor })
  return tokens
}

/**
 * The refresh token of a request, only from the place that the header names.
 * @throws AppError `validation_failed` (none in the body), `unauthenticated` (no cookie), `bad_request` (a cookie and a body at once)
 */
export function refreshTokenOf(c: Context, inBody: string | undefined): string {
  if (isInCookie(c)) {
    if (inBody !== undefined) throw new AppError('bad_request', 'refreshToken: must not be in the body when it is in the cookie')
    const token = cookieOf(c)
    if (token === undefined) throw new AppError('unauthenticated')
    return token
  }
  if (inBody !== undefined) return inBody
  throw new AppError('validation_failed', 'refreshToken: is required', {
    errors: [{ path: 'refreshToken', message: 'is required' }],
  })
}

/** The token in the cookie; undefined without the header that enables cookies. */
export const cookieOf = (c: Context): string | undefined => (isInCookie(c) ? getCookie(c, name) : undefined)

export function clearCookie(c: Context): void {
  if (isInCookie(c)) deleteCookie(c, name, attributes)
}

/** Answers with a refusal, and deletes an invalid token from the browser. @throws any error that is not about the token */
export function refuse(c: Context, error: unknown): Response {
  const known = AppError.from(error)
  if (!known || !isInCookie(c) || !(known.code === 'token_invalid' || known.code === 'token_expired')) throw error
  const refusal = onError(known, c)
  refusal.headers.append('set-cookie', generateCookie(name, '', { ...attributes, maxAge: 0 }))
  return refusal
}
