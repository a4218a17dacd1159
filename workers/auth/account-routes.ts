import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { addressHeader } from '../../shared/contracts/actor'
import type { App } from '../../shared/http/app'
import { requireActor } from '../../shared/http/authorise'
import { answers, defineRoute, jsonBody } from '../../shared/http/route'
import { logger } from '../../shared/runtime/logger'
import * as commands from './commands'
import type { Deps } from './deps'
import {
  DemoAccountSchema,
  ForgotSchema,
  LoginSchema,
  RegisterSchema,
  ResetSchema,
  SignedInDto,
  toGuestDto,
  toUserDto,
  UserDto,
  VerifySchema,
} from './dto'
import { currentSession, issueTokens, type Origin } from './session-commands'
import { deliverTokens, sessionHeaders } from './session-cookie'

const registerRoute = defineRoute('public', {
  method: 'post',
  path: '/v1/auth/register',
  tags: ['auth'],
  summary: 'Make an account and sign in',
  request: { headers: sessionHeaders, body: jsonBody(RegisterSchema) },
  responses: { 201: answers('The account, signed in', SignedInDto) },
})

const loginRoute = defineRoute('public', {
  method: 'post',
  path: '/v1/auth/login',
  tags: ['auth'],
  summary: 'Sign in',
  // A kept answer would sign in a client whom the account has locked out since. Another session does no harm.
  idempotency: 'none',
  request: { headers: sessionHeaders, body: jsonBody(LoginSchema) },
  responses: { 200: answers('Signed in', SignedInDto) },
})

const guestRoute = defineRoute('public', {
  method: 'post',
  path: '/v1/auth/guest',
  tags: ['auth'],
  summary: 'Shop without an account',
  // Two guests behind one address cannot be distinguished, so with the same key they would share a session. A second session does no harm.
  idempotency: 'none',
  request: { headers: sessionHeaders },
  responses: { 201: answers('A guest, signed in', SignedInDto) },
})

const meRoute = defineRoute('signed-in', {
  method: 'get',
  path: '/v1/auth/me',
  tags: ['auth'],
  summary: 'Who you are',
  responses: { 200: answers('You', UserDto) },
})

const verifyRoute = defineRoute('public', {
  method: 'post',
  path: '/v1/auth/verify-email',
  tags: ['auth'],
  summary: 'Verify an address by the token of the welcome e-mail; a repeat changes nothing',
  request: { body: jsonBody(VerifySchema) },
  responses: { 200: answers('Verified', z.object({ emailVerified: z.literal(true) })) },
})

const forgotRoute = defineRoute('public', {
  method: 'post',
  path: '/v1/auth/password/forgot',
  tags: ['auth'],
  summary: 'Request an e-mail with a link to set a new password; the answer is the same for every address',
  request: { body: jsonBody(ForgotSchema) },
  responses: { 202: answers('If the account exists, it gets an e-mail', z.object({ accepted: z.literal(true) })) },
})

const resetRoute = defineRoute('public', {
  method: 'post',
  path: '/v1/auth/password/reset',
  tags: ['auth'],
  summary: 'Set a new password by the token of that e-mail; ends every session',
  request: { body: jsonBody(ResetSchema) },
  responses: { 200: answers('The password is set', z.object({ passwordChanged: z.literal(true) })) },
})

const demoRoute = defineRoute('public', {
  method: 'post',
  path: '/v1/dev/accounts',
  summary: 'Local runs only: make a demo account of any role',
  hide: true,
  // The address makes it unique.
  idempotency: 'none',
  request: { body: jsonBody(DemoAccountSchema) },
  responses: { 200: answers('The account exists already', UserDto), 201: answers('The new account', UserDto) },
})

/** Accounts: sign-up, sign-in, the present user, and the links of e-mails. */
export function accountRoutes(app: App<AuthEnv, Deps>): void {
  app.openapi(registerRoute, async (c) => {
    const { password, storeName = null, ...rest } = c.req.valid('json')
    const application = { ...rest, storeName }
    const userId = c.var.attempt?.id('usr')
    const { user, session } = await commands.register(c.var.deps, application, password, originOf(c), userId)
    return c.json({ user: toUserDto(user), ...deliverTokens(c, await issueTokens(c.var.deps, session)) }, 201)
  })

  app.openapi(loginRoute, async (c) => {
    const { email, password } = c.req.valid('json')
    const { user, session } = await commands.signIn(c.var.deps, email, password, originOf(c))
    return c.json({ user: toUserDto(user), ...deliverTokens(c, await issueTokens(c.var.deps, session)) }, 200)
  })

  app.openapi(guestRoute, async (c) => {
    const session = await commands.enterAsGuest(c.var.deps, originOf(c))
    return c.json({ user: toGuestDto(session), ...deliverTokens(c, await issueTokens(c.var.deps, session)) }, 201)
  })

  app.openapi(meRoute, async (c) => {
    const { user, session } = await currentSession(c.var.deps, requireActor(c))
    return c.json(user ? toUserDto(user) : toGuestDto(session), 200)
  })

  app.openapi(verifyRoute, async (c) => {
    await commands.verifyEmail(c.var.deps, c.req.valid('json').token)
    return c.json({ emailVerified: true as const }, 200)
  })

  app.openapi(forgotRoute, async (c) => {
    const user = await commands.mayResetPassword(c.var.deps, c.req.valid('json').email, originOf(c))
    if (user) c.executionCtx.waitUntil(commands.requestPasswordReset(c.var.deps, user._id).catch(logNotRequested))
    return c.json({ accepted: true as const }, 202)
  })

  app.openapi(resetRoute, async (c) => {
    const { token, password } = c.req.valid('json')
    await commands.resetPassword(c.var.deps, token, password)
    return c.json({ passwordChanged: true as const }, 200)
  })

  app.openapi(demoRoute, async (c) => {
    const { password, storeName = null, ...rest } = c.req.valid('json')
    const found = await c.var.deps.users.byEmail(rest.email)
    if (found) return c.json(toUserDto(found), 200)
    return c.json(toUserDto(await commands.createUser(c.var.deps, { ...rest, storeName }, password)), 201)
  })
}

/** The answer is sent already; a user who gets no e-mail requests it again. */
const logNotRequested = (error: unknown) => logger.error('password reset not requested', { error })

const originOf = (c: Context): Origin => ({
  address: c.req.header(addressHeader) ?? 'unknown',
  userAgent: c.req.header('user-agent')?.slice(0, 300).toWellFormed() ?? null,
})
