import { describe, expect, it } from 'vitest'
import { newId } from '../../shared/contracts/ids'
import { anEvent } from '../../shared/testing/factories'
import { aWorld } from './testing/fixtures'

describe('events about accounts', () => {
  it('send the verification token once to a user who registers', async () => {
    const world = aWorld()
    const { userId, email, name } = world.person()
    world.tokens.set(userId, 'verify-me')
    const event = anEvent('user.registered', userId, { version: 1, userId, email, name, role: 'buyer' })
    await world.deliver(event, event)
    const [mail, ...rest] = await world.mailbox(email)
    expect([mail?.to, mail?.subject, rest.length]).toEqual([email, 'Welcome to Credenza', 0])
    expect(mail?.text).toContain('\n\nverify-me\n\n')
  })

  it('link to the web pages where there are some', async () => {
    const world = aWorld({ PUBLIC_URL: 'https://shop.example' })
    const { userId, email, name } = world.person()
    world.tokens.set(userId, 'a/b')
    await world.deliver(anEvent('user.registered', userId, { version: 1, userId, email, name, role: 'buyer' }))
    expect((await world.mailbox(email))[0]?.text).toContain('https://shop.example/verify-email?token=a%2Fb')
  })

  it('send nothing to a user whose address is verified already', async () => {
    const world = aWorld()
    const { userId, email, name } = world.person()
    await world.deliver(anEvent('user.registered', userId, { version: 1, userId, email, name, role: 'buyer' }))
    expect(await world.mailbox(email)).toEqual([])
  })

  it('send the reset token once per request', async () => {
    const world = aWorld()
    const { userId, email } = world.person()
    const ask = (requestId: `req_${string}`) =>
      anEvent('user.password_reset_requested', userId, { version: 1, userId, requestId })
    const [first, second, spent] = [newId('req'), newId('req'), newId('req')]
    world.tokens.set(first, 'token-1').set(second, 'token-2')
    const event = ask(first)
    await world.deliver(event, event, ask(second), ask(spent))
    const mails = await world.mailbox(email)
    expect(mails.map(({ text }) => text.match(/token-\d/)?.[0]).sort()).toEqual(['token-1', 'token-2'])
    expect(mails[0]?.subject).toBe('Choose a new password')
  })

  it('warn the user when a session was stolen, and not when it ends in another way', async () => {
    const world = aWorld()
    const { userId, email, sessionId, ...rest } = world.person()
    const end = (reason: 'logout' | 'refresh_reuse') =>
      anEvent('user.session_revoked', userId, { version: 1, userId, sessionId, reason })
    const stolen = end('refresh_reuse')
    await world.deliver(end('logout'), stolen, stolen)
    expect((await world.inbox({ userId, sessionId, ...rest })).map(({ type }) => type)).toEqual(['account.session_revoked'])
    expect(await world.mailbox(email)).toHaveLength(1)
  })
})
