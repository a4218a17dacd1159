import { describe, expect, it } from 'vitest'
import * as commands from './commands'
import type { Deps } from './deps'
import { currentSession, refresh, revokeOwn } from './session-commands'
import { sweep } from './sweep'
import { aBuyer, actorIn, anEmail, anOrigin, aWorld, password } from './testing/fixtures'
import type { User } from './user'

const day = 24 * 3_600_000
const newPassword = 'another horse, another battery'

async function withBuyer(limits = {}) {
  const world = aWorld({ limits })
  return { ...world, ...(await aBuyer(world.deps)) }
}

/** Requests a reset as the route does, and returns the token of the e-mail. */
async function requestReset({
  deps,
  publisher,
  user,
}: {
  deps: Deps
  publisher: ReturnType<typeof aWorld>['publisher']
  user: User
}) {
  await commands.requestPasswordReset(deps, user._id)
  const event = publisher.ofType('user.password_reset_requested').at(-1)
  if (!event) throw new Error('no e-mail was requested')
  const mail = await commands.passwordResetMail(deps, user._id, event.data.requestId)
  return { event, mail, token: mail?.token ?? '' }
}

const login = (deps: Deps, email: string, secret: string) => commands.signIn(deps, email, secret, anOrigin())

describe('verifying an address', () => {
  it('accepts the token of the e-mail, which is always the same; using it again changes nothing', async () => {
    const { deps, user, email } = await withBuyer()
    const mail = await commands.emailVerification(deps, user._id)
    expect(mail).toMatchObject({ contact: { userId: user._id, email }, expiresAt: user.createdAt + 7 * day })
    expect(await commands.emailVerification(deps, user._id)).toEqual(mail)
    await Promise.all([commands.verifyEmail(deps, mail?.token ?? ''), commands.verifyEmail(deps, mail?.token ?? '')])
    const verified = await deps.users.load(user._id)
    expect(verified).toMatchObject({ emailVerifiedAt: user.createdAt, version: 2 })
    await commands.verifyEmail(deps, mail?.token ?? '')
    expect(await deps.users.load(user._id)).toEqual(verified)
    expect(await commands.emailVerification(deps, user._id)).toBeNull()
  })

  it('refuses tokens of another kind or user, and any token after a week', async () => {
    const { deps, clock, user, tokens } = await withBuyer()
    const other = await aBuyer(deps)
    const token = deps.opaqueTokens.verification(user._id)
    const forged = [
      tokens.refreshToken,
      token.replace(user._id, other.user._id),
      deps.opaqueTokens.verification(deps.newId('usr')),
      'x',
    ]
    for (const wrong of forged) await expect(commands.verifyEmail(deps, wrong)).rejects.toMatchObject({ code: 'token_invalid' })
    clock.advance(7 * day)
    await expect(commands.verifyEmail(deps, token)).rejects.toMatchObject({ code: 'token_expired' })
    expect((await deps.users.load(user._id))?.emailVerifiedAt).toBeNull()
  })
})

describe('requesting a new password', () => {
  it('does the same work up to the answer, whether or not the account exists', async () => {
    const { deps, calls, email } = await withBuyer()
    calls.length = 0
    expect(await commands.mayResetPassword(deps, email, anOrigin())).toMatchObject({ email })
    const forKnown = calls.splice(0)
    expect(await commands.mayResetPassword(deps, anEmail(), anOrigin())).toBeNull()
    expect([...calls].sort()).toEqual([...forKnown].sort())
  })

  it('sends at most three e-mails in a window, and does not say so', async () => {
    const { deps, email, clock } = await withBuyer()
    const asked = []
    for (let time = 1; time <= 4; time++) asked.push(await commands.mayResetPassword(deps, email, anOrigin()))
    expect(asked.map((user) => user !== null)).toEqual([true, true, true, false])
    clock.advance(15 * 60_000)
    expect(await commands.mayResetPassword(deps, email, anOrigin())).not.toBeNull()
  })

  it('is recorded in the write that opens the link, and published by the sweep when the queue is down; the event has no token', async () => {
    const world = await withBuyer()
    const { deps, publisher, user } = world
    publisher.down = true
    await commands.requestPasswordReset(deps, user._id)
    publisher.down = false
    await sweep(deps)
    const published = publisher.ofType('user.password_reset_requested').filter(({ subject }) => subject === user._id)
    expect(published).toHaveLength(1)
    const mail = await commands.passwordResetMail(deps, user._id, published[0]?.data.requestId ?? 'req_')
    expect(published[0]?.data).toEqual({ version: 2, userId: user._id, requestId: expect.stringMatching(/^req_/) })
    expect(mail?.token).toMatch(new RegExp(`^${user._id}\\.req_`))
    expect(JSON.stringify([published, await deps.users.load(user._id)])).not.toContain(mail?.token.split('.').at(-1))
  })
})

describe('a reset link', () => {
  it('sets the password, verifies the address and ends every session', async () => {
    const world = await withBuyer()
    const { deps, publisher, email, tokens, session, user } = world
    const second = (await login(deps, email, password)).session
    const bystander = await aBuyer(deps)
    const { token } = await requestReset(world)
    await commands.resetPassword(deps, token, newPassword)
    const ended = publisher.ofType('user.session_revoked').map(({ data }) => [data.sessionId, data.userId, data.reason])
    expect(ended.sort()).toEqual([session._id, second._id].sort().map((id) => [id, user._id, 'password_reset']))
    await expect(refresh(deps, tokens.refreshToken)).rejects.toMatchObject({ code: 'token_invalid' })
    await expect(refresh(deps, bystander.tokens.refreshToken)).resolves.toBeDefined()
    await expect(login(deps, email, password)).rejects.toMatchObject({ code: 'invalid_credentials' })
    expect((await login(deps, email, newPassword)).user.emailVerifiedAt).not.toBeNull()
    expect(await deps.users.load(user._id)).toMatchObject({ revokePending: false, resets: [], resetUntil: null })
  })

  it('works once: one of two concurrent requests wins', async () => {
    const world = await withBuyer()
    const { deps, email, user } = world
    const { token, event } = await requestReset(world)
    const passwords = ['the first new password', 'the other new password']
    const answers = await Promise.allSettled(passwords.map((secret) => commands.resetPassword(deps, token, secret)))
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const lost = answers.find((answer) => answer.status === 'rejected')
    expect(lost?.reason).toMatchObject({ code: 'token_invalid' })
    const winner = answers[0]?.status === 'fulfilled' ? 0 : 1
    await expect(login(deps, email, passwords[winner] ?? '')).resolves.toBeDefined()
    await expect(login(deps, email, passwords[1 - winner] ?? '')).rejects.toMatchObject({ code: 'invalid_credentials' })
    await expect(commands.resetPassword(deps, token, newPassword)).rejects.toMatchObject({ code: 'token_invalid' })
    expect(await commands.passwordResetMail(deps, user._id, event.data.requestId)).toBeNull()
  })

  it('voids the other open links', async () => {
    const world = await withBuyer()
    const [first, second] = [await requestReset(world), await requestReset(world)]
    await commands.resetPassword(world.deps, first.token, newPassword)
    await expect(commands.resetPassword(world.deps, second.token, password)).rejects.toMatchObject({ code: 'token_invalid' })
  })

  it('expires after half an hour and is then forgotten', async () => {
    const world = await withBuyer()
    const { deps, clock, user, email } = world
    const { token, event } = await requestReset(world)
    clock.advance(30 * 60_000 - 1)
    await sweep(deps)
    expect(await commands.passwordResetMail(deps, user._id, event.data.requestId)).toMatchObject({
      token,
      expiresAt: clock() + 1,
    })
    clock.advance(1)
    await expect(commands.resetPassword(deps, token, newPassword)).rejects.toMatchObject({ code: 'token_expired' })
    expect(await commands.passwordResetMail(deps, user._id, event.data.requestId)).toBeNull()
    await sweep(deps)
    expect(await deps.users.load(user._id)).toMatchObject({ resets: [], resetUntil: null })
    await expect(commands.resetPassword(deps, token, newPassword)).rejects.toMatchObject({ code: 'token_invalid' })
    await expect(login(deps, email, password)).resolves.toBeDefined()
  })

  it('is refused when it is forged', async () => {
    const world = await withBuyer()
    const { deps, user, email } = world
    const { token, event } = await requestReset(world)
    const other = await aBuyer(deps)
    const forged = [
      token.replace(user._id, other.user._id),
      token.replace(event.data.requestId, deps.newId('req')),
      deps.opaqueTokens.reset(user._id, deps.newId('req')),
      deps.opaqueTokens.reset(other.user._id, event.data.requestId),
      deps.opaqueTokens.verification(user._id),
      `${user._id}.${event.data.requestId}.`,
    ]
    for (const wrong of forged) {
      await expect(commands.resetPassword(deps, wrong, newPassword), wrong).rejects.toMatchObject({ code: 'token_invalid' })
    }
    await expect(login(deps, email, password)).resolves.toBeDefined()
  })

  it('ends the lock-out of an account', async () => {
    const world = await withBuyer({ account: 1 })
    const { deps, email } = world
    await expect(login(deps, email, 'a wrong password')).rejects.toMatchObject({ code: 'invalid_credentials' })
    await expect(login(deps, email, password)).rejects.toMatchObject({ code: 'too_many_requests' })
    await commands.resetPassword(deps, (await requestReset(world)).token, newPassword)
    await expect(login(deps, email, newPassword)).resolves.toBeDefined()
  })

  it('ends old sessions even when it crashed before it reached them', async () => {
    const world = await withBuyer()
    const { deps, publisher, session, tokens } = world
    const { token } = await requestReset(world)
    const crashing: Deps = { ...deps, sessions: { ...deps.sessions, before: () => Promise.reject(new Error('crash')) } }
    await expect(commands.resetPassword(crashing, token, newPassword)).rejects.toThrow('crash')
    await expect(refresh(deps, tokens.refreshToken)).rejects.toMatchObject({ code: 'token_invalid' })
    expect(publisher.ofType('user.session_revoked')).toEqual([])
    await sweep(deps)
    expect(publisher.ofType('user.session_revoked').map(({ data }) => [data.sessionId, data.reason])).toEqual([
      [session._id, 'password_reset'],
    ])
  })

  it('voids old sessions for clients with an access token, even when it crashed', async () => {
    const world = await withBuyer()
    const { deps, email, actor } = world
    const { token } = await requestReset(world)
    const crashing: Deps = { ...deps, sessions: { ...deps.sessions, before: () => Promise.reject(new Error('crash')) } }
    await expect(commands.resetPassword(crashing, token, newPassword)).rejects.toThrow('crash')
    const { session } = await login(deps, email, newPassword)
    await expect(currentSession(deps, actor)).rejects.toMatchObject({ code: 'token_invalid' })
    await expect(revokeOwn(deps, actor, session._id)).rejects.toMatchObject({ code: 'token_invalid' })
    await expect(currentSession(deps, actorIn(session))).resolves.toBeDefined()
  })

  it('does not block other users, or the rest of the sweep, when the sessions of one user cannot be ended', async () => {
    const world = await withBuyer()
    const { deps, user, clock } = world
    const other = await withBuyer()
    const crashing = (broken: string[]): Deps => ({
      ...deps,
      sessions: {
        ...deps.sessions,
        before: (userId, ...rest) =>
          broken.includes(userId) ? Promise.reject(new Error('crash')) : deps.sessions.before(userId, ...rest),
      },
    })
    for (const each of [world, other]) {
      const { token } = await requestReset(each)
      const reset = commands.resetPassword(crashing([user._id, other.user._id]), token, newPassword)
      await expect(reset).rejects.toThrow('crash')
    }
    await deps.windows.take({ _id: 'address:old:1', expiresAt: clock() }, 1)
    await expect(sweep(crashing([user._id]))).rejects.toThrow('crash')
    expect(await deps.users.load(other.user._id)).toMatchObject({ revokePending: false })
    expect(await deps.users.load(user._id)).toMatchObject({ revokePending: true })
    expect(await deps.windows.collection.findOne({ _id: 'address:old:1' })).toBeNull()
  })

  it('refuses a concurrent sign-in with the old password', async () => {
    const world = await withBuyer()
    const { deps, email, user } = world
    const { token } = await requestReset(world)
    const slow: Deps = {
      ...deps,
      passwords: {
        ...deps.passwords,
        matches: async (text, hash) => {
          await commands.resetPassword(deps, token, newPassword)
          return deps.passwords.matches(text, hash)
        },
      },
    }
    await expect(login(slow, email, password)).rejects.toMatchObject({ code: 'invalid_credentials' })
    expect(await deps.sessions.before(user._id, Number.MAX_SAFE_INTEGER, 1)).toEqual([])
  })
})
