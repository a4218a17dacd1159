import { describe, expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import * as commands from './commands'
import { hashOf } from './opaque-token'
import { sweep } from './sweep'
import { aBuyer, anEmail, anOrigin, aWorld, password } from './testing/fixtures'
import { limitsFor, windowOf } from './throttle'

const wrong = 'a wrong password'
const quarter = 15 * 60_000

describe('guesses at one account', () => {
  for (const [whose, make] of [
    ['that exists', async (deps: ReturnType<typeof aWorld>['deps']) => (await aBuyer(deps)).email],
    ['that does not', async () => anEmail()],
  ] as const) {
    it(`stop after ten at an account ${whose}, from any address, until the window ends`, async () => {
      const { deps, clock } = aWorld()
      const email = await make(deps)
      const guess = () => commands.signIn(deps, email, wrong, anOrigin()).catch(({ code, meta }) => ({ code, meta }))
      for (let failure = 1; failure <= 10; failure++) expect(await guess()).toMatchObject({ code: 'invalid_credentials' })
      clock.advance(60_000)
      expect(await guess()).toEqual({ code: 'too_many_requests', meta: { retryAfter: 14 * 60 } })
      clock.advance(14 * 60_000)
      expect(await guess()).toMatchObject({ code: 'invalid_credentials' })
    })
  }

  it('are refused even with the right password, while other accounts are not', async () => {
    const { deps } = aWorld({ limits: { account: 1 } })
    const [locked, other] = [await aBuyer(deps), await aBuyer(deps)]
    await expect(commands.signIn(deps, locked.email, wrong, anOrigin())).rejects.toMatchObject({ code: 'invalid_credentials' })
    await expect(commands.signIn(deps, locked.email, password, anOrigin())).rejects.toMatchObject({ code: 'too_many_requests' })
    await expect(commands.signIn(deps, other.email, password, anOrigin())).resolves.toBeDefined()
  })

  it('get no more tries when they are concurrent', async () => {
    const { deps } = aWorld({ limits: { account: 4 } })
    const { email } = await aBuyer(deps)
    const answers = await Promise.allSettled(Array.from({ length: 12 }, () => commands.signIn(deps, email, wrong, anOrigin())))
    const codes = answers.map((answer) => (answer.status === 'rejected' ? answer.reason.code : 'in'))
    expect(codes.filter((code) => code === 'invalid_credentials')).toHaveLength(4)
    expect(codes.filter((code) => code === 'too_many_requests')).toHaveLength(8)
  })

  it('count from zero after the right password', async () => {
    const { deps } = aWorld({ limits: { account: 2 } })
    const { email } = await aBuyer(deps)
    for (let round = 1; round <= 3; round++) {
      await expect(commands.signIn(deps, email, wrong, anOrigin())).rejects.toMatchObject({ code: 'invalid_credentials' })
      await expect(commands.signIn(deps, email, password, anOrigin())).resolves.toBeDefined()
    }
  })
})

describe('guesses from one address', () => {
  it('stop at its limit, at any accounts; the right password does not count, and does not clear the count', async () => {
    const { deps } = aWorld({ limits: { address: 2 } })
    const { email } = await aBuyer(deps)
    const origin = anOrigin()
    await expect(commands.signIn(deps, anEmail(), wrong, origin)).rejects.toMatchObject({ code: 'invalid_credentials' })
    for (let time = 1; time <= 3; time++) await commands.signIn(deps, email, password, origin)
    await expect(commands.signIn(deps, anEmail(), wrong, origin)).rejects.toMatchObject({ code: 'invalid_credentials' })
    await expect(commands.signIn(deps, email, password, origin)).rejects.toMatchObject({ code: 'too_many_requests' })
    await expect(commands.signIn(deps, email, password, anOrigin())).resolves.toBeDefined()
  })

  it('include registrations of taken addresses, but not of free ones', async () => {
    const { deps } = aWorld({ limits: { address: 2 } })
    const { email } = await aBuyer(deps)
    const origin = anOrigin()
    const register = (address: string) =>
      commands.register(deps, { email: address, name: 'Eve', role: 'buyer', storeName: null }, password, origin)
    for (let time = 1; time <= 3; time++) await register(anEmail())
    for (let time = 1; time <= 2; time++) await expect(register(email)).rejects.toMatchObject({ code: 'email_taken' })
    await expect(register(email)).rejects.toMatchObject({ code: 'too_many_requests' })
  })

  it('are limited to thirty times as many in a local run, where all clients share one address', () => {
    expect([limitsFor('production').address, limitsFor('local').address]).toEqual([50, 1_500])
  })
})

describe('a window', () => {
  it('is deleted when it ends, not before, and does not reveal the account', async () => {
    const { deps, clock } = aWorld()
    const email = anEmail()
    await expect(commands.signIn(deps, email, wrong, anOrigin())).rejects.toMatchObject({ code: 'invalid_credentials' })
    const { _id } = windowOf('account', hashOf(email), clock())
    const open = () => deps.windows.collection.findOne({ _id })
    clock.advance(quarter - 1)
    await sweep(deps)
    expect(await open()).toMatchObject({ count: 1 })
    expect(JSON.stringify(await deps.windows.collection.find({}))).not.toContain(email)
    clock.advance(1)
    await sweep(deps)
    expect(await open()).toBeNull()
  })

  it('has fixed times, and is separate for each kind and subject', () => {
    const subject = newId('req')
    expect(windowOf('account', subject, 0)).toEqual(windowOf('account', subject, quarter - 1))
    expect(windowOf('account', subject, 0)).toMatchObject({ expiresAt: quarter })
    expect(windowOf('account', subject, quarter)._id).not.toBe(windowOf('account', subject, 0)._id)
    expect(windowOf('address', subject, 0)._id).not.toBe(windowOf('account', subject, 0)._id)
  })
})
