import { describe, expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import * as commands from './commands'
import { sweep } from './sweep'
import { aBuyer, anEmail, anOrigin, aWorld, password } from './testing/fixtures'

const buyer = (email: string) => ({ email, name: 'Ada', role: 'buyer' as const, storeName: null })

describe('registering', () => {
  it('makes one account per address, also for concurrent requests, and publishes it once', async () => {
    const { deps, publisher } = aWorld()
    const email = anEmail()
    const answers = await Promise.allSettled([1, 2, 3].map(() => commands.register(deps, buyer(email), password, anOrigin())))
    const refused = answers.filter((answer) => answer.status === 'rejected')
    expect(refused.map(({ reason }) => reason.code)).toEqual(['email_taken', 'email_taken'])
    const user = await deps.users.byEmail(email)
    const data = { version: 1, userId: user?._id, email, name: 'Ada', role: 'buyer' }
    expect(publisher.ofType('user.registered').map((event) => [event.subject, event.data])).toEqual([[user?._id, data]])
  })

  it('keeps the event when the queue is down, for the sweep to publish', async () => {
    const { deps, publisher } = aWorld()
    publisher.down = true
    const { user, tokens } = await aBuyer(deps)
    expect(tokens.accessToken).not.toBe('')
    publisher.down = false
    await sweep(deps)
    await sweep(deps)
    expect(publisher.ofType('user.registered').filter(({ subject }) => subject === user._id)).toHaveLength(1)
    expect(await deps.users.load(user._id)).toMatchObject({ outbox: [], outboxPending: false })
  })

  it('does not store the password', async () => {
    const { deps } = aWorld()
    const { user } = await aBuyer(deps)
    expect(JSON.stringify(await deps.users.load(user._id))).not.toContain(password)
  })
})

describe('signing in', () => {
  it('begins another session of the same user', async () => {
    const { deps } = aWorld()
    const { email, user, session } = await aBuyer(deps)
    const again = await commands.signIn(deps, email, password, { address: anOrigin().address, userAgent: 'a phone' })
    expect(again.user._id).toBe(user._id)
    expect(again.session).toMatchObject({ userId: user._id, userAgent: 'a phone', state: { status: 'active' } })
    expect(again.session._id).not.toBe(session._id)
  })

  it('does the same work and gives the same answer for a wrong password and an unknown account', async () => {
    const trace = async (email: string, { deps, calls }: ReturnType<typeof aWorld>) => {
      let derivations = 0
      const matches: typeof deps.passwords.matches = (text, hash) => {
        derivations += 1
        return deps.passwords.matches(text, hash)
      }
      const watched = { ...deps, passwords: { ...deps.passwords, matches } }
      calls.length = 0
      const answer = await commands
        .signIn(watched, email, 'a wrong password', anOrigin())
        .catch(({ code, meta }) => ({ code, meta }))
      return { answer, calls: [...calls], derivations }
    }
    const world = aWorld()
    const { email } = await aBuyer(world.deps)
    const wrong = await trace(email, world)
    expect(wrong).toMatchObject({ answer: { code: 'invalid_credentials' }, derivations: 1 })
    expect(wrong.calls).toContain('users.findOne')
    expect(await trace(anEmail(), world)).toEqual(wrong)
  })
})

describe('a contact', () => {
  it('is known for users only', async () => {
    const { deps } = aWorld()
    const { user, email } = await aBuyer(deps)
    const guest = await commands.enterAsGuest(deps, anOrigin())
    expect(await commands.contact(deps, user._id)).toEqual({ userId: user._id, email, name: 'Ada', role: 'buyer' })
    expect(await commands.contact(deps, guest.userId)).toBeNull()
    expect(await deps.users.addressee(user._id)).toEqual({ _id: user._id, email, name: 'Ada', role: 'buyer' })
    expect(await commands.contact(deps, newId('usr'))).toBeNull()
  })
})
