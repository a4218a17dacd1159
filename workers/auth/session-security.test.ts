import { describe, expect, it } from 'vitest'
import { call } from '../../shared/testing/http'
import * as commands from './commands'
import { changeRole } from './roles'
import { graceFor } from './session'
import { currentSession, issueTokens, listSessions, refresh, revoke, signOut } from './session-commands'
import { sweep } from './sweep'
import { aBuyer, actorIn, anOrigin, aWorld, password } from './testing/fixtures'
import { aMember, endpoint, post, registration } from './testing/http'

const tokenInvalid = { code: 'token_invalid' }

async function withBuyer() {
  const world = aWorld()
  const buyer = await aBuyer(world.deps)
  const ended = () =>
    world.publisher
      .ofType('user.session_revoked')
      .filter(({ subject }) => subject === buyer.session._id)
      .map(({ data }) => data.reason)
  return { ...world, ...buyer, ended }
}

describe('a session', () => {
  it('never has an id that the client chose', async () => {
    const { body, tokens } = await aMember()
    const chosen = { sessionId: 'ses_01jd3g5x8zq4m6v9b2c7n1k0hr', refreshToken: tokens.refreshToken, family: 'mine' }
    for (const [field, value] of Object.entries(chosen)) {
      for (const [path, fields] of [
        ['/v1/auth/login', { email: body.email, password }],
        ['/v1/auth/register', registration()],
      ] as const) {
        const { status, json } = await post(path, { ...fields, [field]: value })
        expect([status, json.errors[0].path]).toEqual([422, field])
      }
    }
  })

  it('is replaced at sign-in: a guest, or another user, gets a new session and a new family', async () => {
    const { body, actor: before } = await aMember()
    const entered = await post('/v1/auth/guest', undefined, { headers: { 'credenza-session': 'cookie' } })
    const planted = entered.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const headers = { 'credenza-session': 'cookie', cookie: planted }
    const signedIn = await post('/v1/auth/login', { email: body.email, password }, { actor: before, headers })
    const [cookie = ''] = signedIn.headers.getSetCookie()
    const familyOf = (text: string) => text.match(/ses_[0-9a-z]{26}/)?.[0]
    expect(new Set([familyOf(planted), familyOf(cookie), before.sessionId]).size).toBe(3)
    // The attacker who planted the cookie still acts only for their own guest.
    const again = await post('/v1/auth/refresh', {}, { headers })
    expect(again.status).toBe(200)
    const claims = JSON.parse(atob(again.json.accessToken.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')))
    expect([claims.role, claims.sub === before.userId]).toEqual(['guest', false])
  })

  it('is not kept across a registration', async () => {
    const guest = await post('/v1/auth/guest')
    const registered = await post('/v1/auth/register', registration())
    const family = ({ refreshToken }: { refreshToken: string }) => refreshToken.split('.')[0]
    expect(family(registered.json)).not.toBe(family(guest.json))
    expect(registered.json.user.id).not.toBe(guest.json.user.id)
  })
})

describe('a stolen refresh token', () => {
  it.each([
    ['the thief uses it first', ['thief', 'owner']],
    ['the owner uses it first', ['owner', 'thief']],
  ])('ends the family for both clients when %s', async (_what, order) => {
    const { deps, clock, tokens, ended } = await withBuyer()
    const held = new Map(order.map((who) => [who, tokens.refreshToken]))
    const use = async (who: string) => {
      const next = await refresh(deps, held.get(who) ?? '')
      held.set(who, next.refreshToken)
    }
    const [first = '', second = ''] = order
    await use(first)
    clock.advance(graceFor)
    await expect(use(second)).rejects.toMatchObject(tokenInvalid)
    await expect(use(first)).rejects.toMatchObject(tokenInvalid)
    expect(ended()).toEqual(['refresh_reuse'])
  })

  it('ends the family also within the grace period, once the successor was used too', async () => {
    const { deps, tokens, ended } = await withBuyer()
    const successor = await refresh(deps, tokens.refreshToken)
    expect((await refresh(deps, tokens.refreshToken)).refreshToken).toBe(successor.refreshToken)
    await refresh(deps, successor.refreshToken)
    await expect(refresh(deps, tokens.refreshToken)).rejects.toMatchObject(tokenInvalid)
    expect(ended()).toEqual(['refresh_reuse'])
  })

  it('ends the family when both clients use it at the same time and both continue', async () => {
    const { deps, clock, tokens, ended } = await withBuyer()
    const [mine, theirs] = await Promise.all([refresh(deps, tokens.refreshToken), refresh(deps, tokens.refreshToken)])
    // They hold the same successor, so the first to go on leaves the other with a used one.
    await refresh(deps, mine.refreshToken)
    clock.advance(graceFor)
    await expect(refresh(deps, theirs.refreshToken)).rejects.toMatchObject(tokenInvalid)
    expect(ended()).toEqual(['refresh_reuse'])
  })

  it('is published once, even when the queue was down', async () => {
    const { deps, clock, tokens, publisher, ended } = await withBuyer()
    await refresh(deps, tokens.refreshToken)
    clock.advance(graceFor)
    publisher.down = true
    for (let time = 0; time < 2; time++) await expect(refresh(deps, tokens.refreshToken)).rejects.toMatchObject(tokenInvalid)
    publisher.down = false
    for (let tick = 0; tick < 2; tick++) await sweep(deps)
    expect(ended()).toEqual(['refresh_reuse'])
  })
})

describe('a refresh token is refused', () => {
  const ends: [string, (world: Awaited<ReturnType<typeof withBuyer>>) => Promise<unknown>][] = [
    ['a sign-out', ({ deps, actor }) => signOut(deps, actor, undefined)],
    ['its session was ended elsewhere', ({ deps, session }) => revoke(deps, session._id, 'revoked')],
    [
      'a new password',
      async ({ deps, user, publisher }) => {
        await commands.requestPasswordReset(deps, user._id)
        const asked = publisher.ofType('user.password_reset_requested').find(({ subject }) => subject === user._id)
        const link = deps.opaqueTokens.reset(user._id, asked?.data.requestId ?? 'req_')
        await commands.resetPassword(deps, link, 'another horse entirely')
      },
    ],
    [
      'another role',
      async ({ deps, user }) => {
        const email = `${deps.newId('usr')}@example.com`
        await commands.createUser(deps, { email, name: 'Olga', role: 'admin', storeName: null }, password)
        const { session } = await commands.signIn(deps, email, password, anOrigin())
        await changeRole(deps, actorIn(session), user._id, { role: 'seller', storeName: 'Desks' })
      },
    ],
  ]

  it.each(ends)('after %s, also the previous one within its grace period', async (_what, end) => {
    const world = await withBuyer()
    const { deps, tokens, actor } = world
    const present = await refresh(deps, tokens.refreshToken)
    await end(world)
    for (const token of [present.refreshToken, tokens.refreshToken])
      await expect(refresh(deps, token)).rejects.toMatchObject(tokenInvalid)
    await expect(currentSession(deps, actor)).rejects.toMatchObject(tokenInvalid)
    expect(world.ended()).toHaveLength(1)
  })

  it('with the generation, the family or the MAC of another token', async () => {
    const { deps, tokens, session } = await withBuyer()
    const other = await aBuyer(deps)
    const [family, generation, mac] = tokens.refreshToken.split('.')
    const [theirFamily, , theirMac] = other.tokens.refreshToken.split('.')
    const successor = (await refresh(deps, tokens.refreshToken)).refreshToken.split('.')
    const forged = [
      `${theirFamily}.${generation}.${mac}`,
      `${family}.${generation}.${theirMac}`,
      `${family}.2.${mac}`,
      `${family}.01.${mac}`,
      `${family}.1e0.${mac}`,
      `${family}.${generation}.${successor[2]}`,
      `${family?.toUpperCase()}.${generation}.${mac}`,
      deps.opaqueTokens.refresh(session._id, 3),
    ]
    for (const token of forged) await expect(refresh(deps, token), token).rejects.toMatchObject(tokenInvalid)
    for (const { session: each } of [{ session }, other])
      expect((await deps.sessions.load(each._id))?.state.status).toBe('active')
    expect((await issueTokens(deps, { ...session, generation: 2 })).refreshToken).toBe(successor.join('.'))
  })
})

describe('more sessions than one request ends', () => {
  /** A user with that many sessions who reset the password and signed in once more. */
  async function withMany(many: number) {
    const world = await withBuyer()
    const { deps, user, session, email, publisher } = world
    const documents = Array.from({ length: many }, () => ({
      ...session,
      _id: deps.newId('ses'),
      outbox: [],
      outboxPending: false,
    }))
    await deps.sessions.collection.insertAbsent(documents)
    await commands.requestPasswordReset(deps, user._id)
    const asked = publisher.ofType('user.password_reset_requested').find(({ subject }) => subject === user._id)
    const link = deps.opaqueTokens.reset(user._id, asked?.data.requestId ?? 'req_')
    await commands.resetPassword(deps, link, 'another horse entirely')
    const { session: present } = await commands.signIn(deps, email, 'another horse entirely', anOrigin())
    const active = () => deps.sessions.before(user._id, present.epoch, 1_000)
    return { ...world, present, active, pending: async () => (await deps.users.load(user._id))?.revokePending }
  }

  it('are void from the same moment, ended or not, and are not listed', async () => {
    const { deps, present, active, pending } = await withMany(70)
    const left = await active()
    expect([left.length, await pending()]).toEqual([21, true])
    for (const each of left) {
      await expect(currentSession(deps, actorIn(each))).rejects.toMatchObject(tokenInvalid)
      await expect(refresh(deps, deps.opaqueTokens.refresh(each._id, 1))).rejects.toMatchObject(tokenInvalid)
    }
    expect((await listSessions(deps, actorIn(present), undefined, 100)).map(({ _id }) => _id)).toEqual([present._id])
  })

  it('are ended by the sweep, a limited number per run, and published once each', async () => {
    // Finish what other tests left, so that it is not counted.
    await sweep(aWorld().deps)
    const { deps, user, publisher, active, pending } = await withMany(270)
    const seen: [number, boolean | undefined][] = []
    for (let run = 0; run < 2; run++) {
      await sweep(deps)
      seen.push([(await active()).length, await pending()])
    }
    expect(seen).toEqual([
      [21, true],
      [0, false],
    ])
    const published = publisher.ofType('user.session_revoked').filter(({ data }) => data.userId === user._id)
    expect(new Set(published.map(({ subject }) => subject)).size).toBe(271)
    expect(published).toHaveLength(271)
  })
})

it('answers 401 on the account routes once the session ended, though the access token still verifies', async () => {
  const { actor } = await aMember()
  await post('/v1/auth/logout', undefined, { actor })
  for (const path of ['/v1/auth/me', '/v1/auth/sessions']) {
    const { status, json } = await call(endpoint, 'GET', path, { actor })
    expect([status, json.code]).toEqual([401, 'token_invalid'])
  }
})
