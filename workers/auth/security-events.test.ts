import { describe, expect, it } from 'vitest'
import { type EventName, events, subscribersOf } from '../../shared/contracts/events'
import * as commands from './commands'
import { hashOf } from './opaque-token'
import { sweep } from './sweep'
import { aBuyer, anEmail, anOrigin, aWorld, password } from './testing/fixtures'
import { windowOf } from './throttle'

const wrong = 'a wrong password'
const refusal = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'in',
    ({ code }) => code,
  )

/** An attacker who guesses passwords. */
function aGuesser(overrides: Parameters<typeof aWorld>[0] = {}) {
  const world = aWorld(overrides)
  const guess = (email: string, origin = anOrigin(), secret = wrong) =>
    refusal(commands.signIn(world.deps, email, secret, origin))
  const published = <E extends EventName>(type: E) => world.publisher.ofType(type)
  return { ...world, guess, published }
}

describe('a sign-in', () => {
  it('is published once, with its session; a registration is a sign-in too', async () => {
    const { deps, published } = aGuesser()
    const { user, session, email } = await aBuyer(deps)
    const origin = anOrigin()
    const second = await commands.signIn(deps, email, password, origin)
    const mine = published('user.signed_in').filter(({ data }) => data.userId === user._id)
    expect(mine.map(({ subject }) => subject)).toEqual([session._id, second.session._id])
    expect(mine[1]?.data).toEqual({ version: 1, userId: user._id, sessionId: second.session._id, address: origin.address })
    expect(await deps.sessions.load(session._id)).toMatchObject({ outbox: [], outboxPending: false })
  })

  it('is published by the sweep when the queue was down, and succeeds anyway', async () => {
    const { deps, published, publisher } = aGuesser()
    const { email, user } = await aBuyer(deps)
    publisher.down = true
    const { session } = await commands.signIn(deps, email, password, anOrigin())
    publisher.down = false
    for (let tick = 0; tick < 2; tick++) await sweep(deps)
    const mine = published('user.signed_in').filter(({ data }) => data.userId === user._id)
    expect(mine.filter(({ subject }) => subject === session._id)).toHaveLength(1)
  })

  it('of a guest is not published', async () => {
    const { deps, published } = aGuesser()
    await commands.enterAsGuest(deps, anOrigin())
    expect(published('user.signed_in')).toEqual([])
  })
})

describe('a failed sign-in', () => {
  it('is published at once, with the user or a digest of the address', async () => {
    const { deps, guess, published } = aGuesser()
    const [{ email, user }, nobody, origin] = [await aBuyer(deps), anEmail(), anOrigin()]
    for (const target of [email, nobody, nobody]) expect(await guess(target, origin)).toBe('invalid_credentials')
    const [known, unknown, again] = published('user.sign_in_failed').map(({ data }) => data)
    expect(known).toEqual({ version: 1, account: user._id, userId: user._id, address: origin.address })
    expect(unknown).toEqual({ ...known, account: expect.stringMatching(/^[0-9a-f]{64}$/), userId: null })
    expect(again?.account).toBe(unknown?.account)
    // The plain hash would not do, since it can be looked up in a list of addresses.
    expect(unknown?.account).not.toBe(hashOf(nobody))
  })

  it('is kept for the sweep when the queue is down, and answered the same', async () => {
    const { deps, guess, published, publisher } = aGuesser()
    const { email, user } = await aBuyer(deps)
    publisher.down = true
    expect(await guess(email)).toBe('invalid_credentials')
    await sweep(deps)
    publisher.down = false
    for (let tick = 0; tick < 2; tick++) await sweep(deps)
    expect(published('user.sign_in_failed').filter(({ data }) => data.userId === user._id)).toHaveLength(1)
    expect(await deps.pendingEvents.collection.find({})).toEqual([])
  })

  it('is answered the same when the event cannot be kept either', async () => {
    const { deps, publisher } = aGuesser()
    const { email } = await aBuyer(deps)
    publisher.down = true
    const pendingEvents = { ...deps.pendingEvents, insert: () => Promise.reject(new Error('the database is down')) }
    expect(await refusal(commands.signIn({ ...deps, pendingEvents }, email, wrong, anOrigin()))).toBe('invalid_credentials')
  })

  it('costs one call, to the queue', async () => {
    const { deps, calls, guess, publisher } = aGuesser()
    const { email } = await aBuyer(deps)
    calls.length = 0
    await guess(email)
    expect(calls.filter((name) => name.startsWith('pending_events') || name.startsWith('sessions'))).toEqual([])
    expect(publisher.sent.at(-1)?.type).toBe('user.sign_in_failed')
  })
})

describe('a lock-out', () => {
  it('of an account is published once per window, whether or not the account exists', async () => {
    const { deps, clock, guess, published } = aGuesser({ limits: { account: 2 } })
    const { email, user } = await aBuyer(deps)
    for (const target of [email, anEmail()]) for (let time = 1; time <= 5; time++) await guess(target)
    const windowEnds = windowOf('account', '', clock()).expiresAt
    expect(published('user.locked_out').map(({ data: { userId, kind, until } }) => ({ userId, kind, until }))).toEqual([
      { userId: user._id, kind: 'account', until: windowEnds },
      { userId: null, kind: 'account', until: windowEnds },
    ])
    clock.advance(windowEnds - clock())
    for (let time = 1; time <= 3; time++) await guess(email)
    expect(published('user.locked_out')).toHaveLength(3)
  })

  it('of an address is published once, also for concurrent guesses', async () => {
    const { guess, published } = aGuesser({ limits: { address: 2 } })
    const origin = anOrigin()
    await Promise.all(Array.from({ length: 12 }, () => guess(anEmail(), origin)))
    expect(published('user.locked_out').map(({ data: { kind, address } }) => [kind, address])).toEqual([
      ['address', origin.address],
    ])
  })

  it('is published by the sweep when the queue was down, even after the right password or the end of the window', async () => {
    for (const cleared of [true, false]) {
      const { deps, clock, guess, published, publisher } = aGuesser({ limits: { account: 1 } })
      const { email } = await aBuyer(deps)
      publisher.down = true
      for (let time = 1; time <= 2; time++) await guess(email)
      if (cleared) await deps.windows.forget(windowOf('account', hashOf(email), clock())._id)
      else clock.advance(15 * 60_000)
      if (cleared) expect(await guess(email, anOrigin(), password)).toBe('in')
      await sweep(deps)
      publisher.down = false
      await sweep(deps)
      expect(published('user.locked_out')).toHaveLength(1)
      clock.advance(15 * 60_000)
      await sweep(deps)
      expect(await deps.windows.collection.find({ expiresAt: { $lte: clock() } })).toEqual([])
    }
  })

  it('does not change the answer when it cannot be published', async () => {
    const { deps } = aGuesser({ limits: { account: 1 } })
    const { email } = await aBuyer(deps)
    await refusal(commands.signIn(deps, email, wrong, anOrigin()))
    const users = { ...deps.users, byEmail: () => Promise.reject(new Error('the database is down')) }
    expect(await refusal(commands.signIn({ ...deps, users }, email, wrong, anOrigin()))).toBe('too_many_requests')
  })
})

it('publishes attempts to audit only, without passwords or e-mail addresses', async () => {
  const { deps, guess, publisher } = aGuesser({ limits: { account: 1 } })
  const { email } = await aBuyer(deps)
  for (const secret of [wrong, password]) await guess(email, anOrigin(), secret)
  await commands.signIn(deps, (await aBuyer(deps)).email, password, anOrigin())
  const types = ['user.signed_in', 'user.sign_in_failed', 'user.locked_out'] as const
  for (const type of types) {
    expect(subscribersOf(type)).toEqual(['audit'])
    expect(publisher.ofType(type).length, type).toBeGreaterThan(0)
    for (const event of publisher.ofType(type)) {
      const { data } = events[type]
      expect(data.safeParse(event.data).success).toBe(true)
      for (const secret of [wrong, password, '@']) expect(JSON.stringify(event)).not.toContain(secret)
    }
  }
})
