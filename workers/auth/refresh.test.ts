import { describe, expect, it } from 'vitest'
import { enterAsGuest } from './commands'
import { graceFor } from './session'
import { currentSession, issueTokens, refresh, revoke } from './session-commands'
import { sweep } from './sweep'
import { aBuyer, actorIn, anOrigin, aWorld } from './testing/fixtures'

const day = 24 * 3_600_000

describe('a refresh token', () => {
  it('is exchanged for the next pair, which acts for the same user in the same session', async () => {
    const { deps, clock } = aWorld()
    const { tokens, actor } = await aBuyer(deps)
    clock.advance(1_000)
    const next = await refresh(deps, tokens.refreshToken)
    expect(next.refreshToken).not.toBe(tokens.refreshToken)
    expect(next).toMatchObject({ tokenType: 'Bearer', expiresIn: 900 })
    expect(await deps.accessTokens.verify(next.accessToken, clock())).toEqual(actor)
    expect((await refresh(deps, next.refreshToken)).refreshToken).not.toBe(next.refreshToken)
  })

  it('is stored only as a hash', async () => {
    const { deps } = aWorld()
    const { tokens, session } = await aBuyer(deps)
    const { refreshToken } = await refresh(deps, tokens.refreshToken)
    expect(JSON.stringify(await deps.sessions.load(session._id))).not.toContain(refreshToken.split('.').at(-1))
  })

  it('is refused when the stored hash is of another token', async () => {
    const { deps } = aWorld()
    const { tokens, session } = await aBuyer(deps)
    await deps.sessions.collection.updateOne({ _id: session._id }, { $set: { tokenHash: 'another' } })
    await expect(refresh(deps, tokens.refreshToken)).rejects.toMatchObject({ code: 'token_invalid' })
  })

  it('gives concurrent requests the same successor and rotates once', async () => {
    const { deps } = aWorld()
    const { tokens, session } = await aBuyer(deps)
    const answers = await Promise.all(Array.from({ length: 5 }, () => refresh(deps, tokens.refreshToken)))
    expect(new Set(answers.map(({ refreshToken }) => refreshToken)).size).toBe(1)
    expect(await deps.sessions.load(session._id)).toMatchObject({ version: 2, generation: 2, state: { status: 'active' } })
    expect((await refresh(deps, answers[4]?.refreshToken ?? '')).refreshToken).not.toBe(answers[0]?.refreshToken)
  })

  it('gives the same successor again for 10 s', async () => {
    const { deps, clock, publisher } = aWorld()
    const { tokens } = await aBuyer(deps)
    const first = await refresh(deps, tokens.refreshToken)
    clock.advance(graceFor - 1)
    expect((await refresh(deps, tokens.refreshToken)).refreshToken).toBe(first.refreshToken)
    expect(publisher.ofType('user.session_revoked')).toEqual([])
  })

  it('ends the whole family when it is used again later', async () => {
    const { deps, clock, publisher } = aWorld()
    const { tokens, session, user } = await aBuyer(deps)
    const { refreshToken } = await refresh(deps, tokens.refreshToken)
    clock.advance(graceFor)
    await expect(refresh(deps, tokens.refreshToken)).rejects.toMatchObject({ code: 'token_invalid' })
    await expect(refresh(deps, refreshToken)).rejects.toMatchObject({ code: 'token_invalid' })
    await expect(refresh(deps, tokens.refreshToken)).rejects.toMatchObject({ code: 'token_invalid' })
    const published = publisher.ofType('user.session_revoked')
    expect(published.map(({ subject, data }) => ({ subject, ...data }))).toEqual([
      { subject: session._id, version: 3, userId: user._id, sessionId: session._id, reason: 'refresh_reuse' },
    ])
  })

  it('ends the family at once when it is two generations old', async () => {
    const { deps, session, tokens } = await withBuyer()
    await refresh(deps, (await refresh(deps, tokens.refreshToken)).refreshToken)
    await expect(refresh(deps, tokens.refreshToken)).rejects.toMatchObject({ code: 'token_invalid' })
    expect((await deps.sessions.load(session._id))?.state).toMatchObject({ status: 'revoked', reason: 'refresh_reuse' })
  })

  it('does not end other sessions when one family ends', async () => {
    const { deps, clock, tokens } = await withBuyer()
    const other = await aBuyer(deps)
    await refresh(deps, tokens.refreshToken)
    clock.advance(graceFor)
    await expect(refresh(deps, tokens.refreshToken)).rejects.toMatchObject({ code: 'token_invalid' })
    await expect(refresh(deps, other.tokens.refreshToken)).resolves.toBeDefined()
  })

  it('expires 30 days after the last use', async () => {
    const { deps, clock, tokens } = await withBuyer()
    clock.advance(30 * day - 1)
    const { refreshToken } = await refresh(deps, tokens.refreshToken)
    clock.advance(30 * day)
    await expect(refresh(deps, refreshToken)).rejects.toMatchObject({ code: 'token_expired' })
  })

  it('expires 180 days after sign-in, however often it is used', async () => {
    const { deps, clock, tokens } = await withBuyer()
    let { refreshToken } = tokens
    for (let month = 1; month <= 7; month++) {
      clock.advance(25 * day)
      refreshToken = (await refresh(deps, refreshToken)).refreshToken
    }
    clock.advance(5 * day)
    await expect(refresh(deps, refreshToken)).rejects.toMatchObject({ code: 'token_expired' })
  })

  it('is refused once its session is revoked', async () => {
    const { deps, session, tokens } = await withBuyer()
    await revoke(deps, session._id, 'revoked')
    await expect(refresh(deps, tokens.refreshToken)).rejects.toMatchObject({ code: 'token_invalid' })
  })

  it('is refused when it is forged, and ends nothing then', async () => {
    const { deps, session, tokens, user } = await withBuyer()
    const [id, , mac] = tokens.refreshToken.split('.')
    await refresh(deps, tokens.refreshToken)
    const forged = [
      `${id}.2.${mac}`,
      `${id}.0.${mac}`,
      `${id}.1.${mac?.slice(0, -1)}_`,
      `${id}.1.`,
      `${id}.1.${mac}.`,
      ` ${tokens.refreshToken}`,
      deps.opaqueTokens.verification(user._id),
      deps.opaqueTokens.refresh(deps.newId('ses'), 1),
      deps.opaqueTokens.refresh(session._id, 9),
      '',
      'nonsense',
    ]
    for (const token of forged) await expect(refresh(deps, token), token).rejects.toMatchObject({ code: 'token_invalid' })
    expect((await deps.sessions.load(session._id))?.state.status).toBe('active')
  })

  it('works for guests too', async () => {
    const { deps, clock } = aWorld()
    const session = await enterAsGuest(deps, anOrigin())
    const { accessToken } = await refresh(deps, (await issueTokens(deps, session)).refreshToken)
    expect(await deps.accessTokens.verify(accessToken, clock())).toEqual(actorIn(session))
  })
})

describe('a revoked session', () => {
  it('is published once, however often it is revoked, and by the sweep when the queue was down', async () => {
    const { deps, publisher, session } = await withBuyer()
    publisher.down = true
    await Promise.all([revoke(deps, session._id, 'logout'), revoke(deps, session._id, 'revoked')])
    publisher.down = false
    expect(publisher.ofType('user.session_revoked')).toEqual([])
    await sweep(deps)
    const published = () => publisher.ofType('user.session_revoked').filter(({ subject }) => subject === session._id)
    expect(published()).toHaveLength(1)
    await sweep(deps)
    await revoke(deps, session._id, 'revoked')
    expect(published()).toHaveLength(1)
  })

  it('is usable only by its own user, and is loaded together with that user', async () => {
    const { deps, actor, session, user, calls } = await withBuyer()
    const other = await aBuyer(deps)
    await expect(currentSession(deps, { ...actor, userId: other.user._id })).rejects.toMatchObject({ code: 'token_invalid' })
    calls.length = 0
    expect(await currentSession(deps, actor)).toMatchObject({ session: { _id: session._id }, user: { _id: user._id } })
    expect(calls).toEqual(['sessions.findOne+users.findOne'])
  })

  it('is deleted a week after it expires, but not before its event is published', async () => {
    const { deps, clock, publisher, session, actor } = await withBuyer()
    const kept = await aBuyer(deps)
    publisher.down = true
    await revoke(deps, session._id, 'logout')
    clock.advance(30 * day)
    await sweep(deps)
    expect(await deps.sessions.load(kept.session._id)).not.toBeNull()
    clock.advance(7 * day + 1)
    await sweep(deps)
    expect(await deps.sessions.load(kept.session._id)).toBeNull()
    expect(await deps.sessions.load(session._id)).not.toBeNull()
    publisher.down = false
    await sweep(deps)
    expect(await deps.sessions.load(session._id)).toBeNull()
    await expect(currentSession(deps, actor)).rejects.toMatchObject({ code: 'token_invalid' })
  })
})

async function withBuyer() {
  const world = aWorld()
  return { ...world, ...(await aBuyer(world.deps)) }
}
