import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { deleteCookie, generateCookie, getCookie, setCookie } from 'hono/cookie'
import { sessionCookie as name, sessionHeader } from '../../shared/contracts/auth'
import { AppError } from '../../shared/contracts/errors'
import { onError } from '../../shared/http/problem'
import type { Tokens } from './session-commands'

/** Strict: it comes with requests that our own pages make, and no script ever sees it. */
const attributes = { path: '/', secure: true, httpOnly: true, sameSite: 'Strict' } as const

/**
 * The header by which a browser asks for a cookie. No page of another origin can send it unless CORS lets it: that, not the cookie, is
 * what keeps others from acting through it.
 */
export const sessionHeaders = z.object({
  [sessionHeader]: z
    .literal('cookie')
    .optional()
    .openapi({
      description: `Has the refresh token in the cookie ${name}, not in bodies. Without it cookies count for nothing.`,
    }),
})

const isInCookie = (c: Context): boolean => c.req.header(sessionHeader) === 'cookie'

/** Tokens as the client wants them: the refresh token in the body, or in the cookie. */
export function handOver(c: Context, { refreshToken, refreshableFor, ...tokens }: Tokens) {
  if (!isInCookie(c)) return { ...tokens, refreshToken }
  setCookie(c, name, refreshToken, { ...attributes, maxAge: refreshableFor })
  return tokens
}

/**
 * The refresh token of a request, from where the client says that it is, and from nowhere else.
 * @throws AppError `validation_failed` (none in the body), `unauthenticated` (no cookie), `bad_request` (a cookie and a body at once)
 */
export function refreshTokenOf(c: Context, inBody: string | undefined): string {
  if (isInCookie(c)) {
    if (inBody !== undefined) throw new AppError('bad_request', 'refreshToken: is in the cookie, and cannot be in the body too')
    const token = cookieOf(c)
    if (token === undefined) throw new AppError('unauthenticated')
    return token
  }
  if (inBody !== undefined) return inBody
  throw new AppError('validation_failed', 'refreshToken: is required', {
    errors: [{ path: 'refreshToken', message: 'is required' }],
  })
}

/** The token in the cookie; undefined when the client does not want cookies to count. */
export const cookieOf = (c: Context): string | undefined => (isInCookie(c) ? getCookie(c, name) : undefined)

export function clearCookie(c: Context): void {
  if (isInCookie(c)) deleteCookie(c, name, attributes)
}

/** Answers with a refusal, and takes a dead token out of the browser. @throws what is no word on the token */
export function refuse(c: Context, error: unknown): Response {
  const known = AppError.from(error)
  if (!known || !isInCookie(c) || !(known.code === 'token_invalid' || known.code === 'token_expired')) throw error
  const refusal = onError(known, c)
  refusal.headers.append('set-cookie', generateCookie(name, '', { ...attributes, maxAge: 0 }))
  return refusal
}
