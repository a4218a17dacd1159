import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { newId } from '../../../shared/contracts/ids'
import { anEvent } from '../../../shared/testing/factories'
import { call } from '../../../shared/testing/http'
import { anOrder, aWorld, typesOf, type World } from '../testing/fixtures'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const path = '/v1/notifications/webhooks/resend'
const preferences = '/v1/notifications/preferences'

const aHookedWorld = () => aWorld({ RESEND_WEBHOOK_SECRET: secret })

/** The body of a webhook as Resend sends it. */
const webhookOf = (type: string, to: string, at: number, bounce?: object) =>
  JSON.stringify({
    ...{ type, created_at: new Date(at).toISOString() },
    data: { email_id: 're_1', from: 'shop@example.com', to: [to], subject: 'Hello', ...(bounce ? { bounce } : {}) },
  })

const permanent = { message: 'The mailbox does not exist', type: 'Permanent', subType: 'General' }

async function send(world: World, body: string, key = secret) {
  const seconds = String(Math.floor(world.now() / 1_000))
  const mac = createHmac('sha256', Buffer.from(key.slice(6), 'base64'))
    .update(`msg_1.${seconds}.${body}`)
    .digest('base64')
  const headers = { 'svix-id': 'msg_1', 'svix-timestamp': seconds, 'svix-signature': `v1,${mac}` }
  return call(world.fetch, 'POST', path, { raw: body, headers })
}

const statusOf = async (world: World, person: Parameters<World['get']>[0]) =>
  (await world.get(person, preferences)).json.emailStatus

/** Makes a user ask for a new password, which causes an account e-mail. */
async function requestPassword(world: World, userId: `usr_${string}`) {
  const requestId = newId('req')
  world.tokens.set(requestId, 'token')
  await world.deliver(anEvent('user.password_reset_requested', userId, { version: 1, userId, requestId }))
}

describe('an address that bounced', () => {
  it('gets no more e-mails of any kind, and its user finds them in the inbox', async () => {
    const world = aHookedWorld()
    const person = world.person()
    await world.send(person, 'PUT', preferences, {
      orders: { inApp: false, email: true },
      catalogue: { inApp: false, email: true },
    })
    expect((await send(world, webhookOf('email.bounced', person.email, world.now(), permanent))).status).toBe(200)
    expect(await statusOf(world, person)).toBe('bounced')
    await world.deliver(anOrder(world, person).created)
    await requestPassword(world, person.userId)
    expect(await world.mailbox(person.email)).toEqual([])
    expect(typesOf(await world.inbox(person))).toEqual(['account.mail_undelivered', 'order.created'])
    const mails = await world.stored.emails.find({ userId: person.userId })
    expect(mails.map(({ status, error }) => [status, error])).toEqual(mails.map(() => ['dropped', 'The address has bounced']))
    expect(await world.deps.deadLetters.find({ 'body.data.userId': person.userId })).toEqual([])
  })

  it('gets e-mails again once its user allows them, and a repeated webhook does not change that', async () => {
    const world = aHookedWorld()
    const person = world.person()
    const webhook = webhookOf('email.bounced', person.email, world.now(), permanent)
    await send(world, webhook)
    await send(world, webhook)
    world.now.advance(1_000)
    expect((await world.send(person, 'DELETE', `${preferences}/email-status`)).status).toBe(204)
    await send(world, webhook)
    expect(await statusOf(world, person)).toBe('ok')
    await world.deliver(anOrder(world, person).created)
    expect(await world.mailbox(person.email)).toHaveLength(1)
    world.now.advance(1_000)
    await send(world, webhookOf('email.bounced', person.email, world.now(), permanent))
    expect(await statusOf(world, person)).toBe('bounced')
  })

  it('is recognised in any spelling, and does not affect other users', async () => {
    const world = aHookedWorld()
    const [person, other] = [world.person(), world.person()]
    await send(world, webhookOf('email.bounced', ` ${person.email.toUpperCase()}`, world.now(), permanent))
    expect([await statusOf(world, person), await statusOf(world, other)]).toEqual(['bounced', 'ok'])
    expect((await world.send(other, 'DELETE', `${preferences}/email-status`)).status).toBe(204)
    expect(await statusOf(world, person)).toBe('bounced')
  })

  it('is not stored in readable form', async () => {
    const world = aHookedWorld()
    const { email } = world.person()
    await send(world, webhookOf('email.bounced', email, world.now(), permanent))
    const kept = await world.deps.documents.collection({ name: 'addresses' }).find({})
    expect(kept.length).toBeGreaterThan(0)
    expect(JSON.stringify(kept)).not.toContain(email)
  })

  it.each([
    { what: 'a full mailbox', type: 'email.bounced', bounce: { type: 'Transient', subType: 'MailboxFull' } },
    { what: 'an undetermined bounce', type: 'email.bounced', bounce: { type: 'Undetermined' } },
    { what: 'a delivery', type: 'email.delivered', bounce: undefined },
    { what: 'an unknown type', type: 'toString', bounce: undefined },
  ])('is not an address about which $what is reported', async ({ type, bounce }) => {
    const world = aHookedWorld()
    const person = world.person()
    expect((await send(world, webhookOf(type, person.email, world.now(), bounce))).status).toBe(200)
    expect(await statusOf(world, person)).toBe('ok')
  })

  it('stays bounced when an older report arrives later, and a report from the future does not outlast its user’s decision', async () => {
    const world = aHookedWorld()
    const person = world.person()
    await send(world, webhookOf('email.bounced', person.email, world.now(), permanent))
    await send(world, webhookOf('email.complained', person.email, world.now() - 60_000))
    expect(await statusOf(world, person)).toBe('bounced')
    await send(world, webhookOf('email.bounced', person.email, world.now() + 24 * 3_600_000, permanent))
    world.now.advance(1)
    await world.send(person, 'DELETE', `${preferences}/email-status`)
    expect(await statusOf(world, person)).toBe('ok')
  })
})

describe('a user who reported an e-mail as spam', () => {
  it('gets only account e-mails', async () => {
    const world = aHookedWorld()
    const person = world.person()
    await send(world, webhookOf('email.complained', person.email, world.now()))
    expect(await statusOf(world, person)).toBe('complained')
    const { userId, sessionId } = person
    await world.deliver(
      anOrder(world, person).created,
      anEvent('user.session_revoked', userId, { version: 1, userId, sessionId, reason: 'refresh_reuse' }),
    )
    await requestPassword(world, userId)
    const subjects = (await world.mailbox(person.email)).map(({ subject }) => subject)
    expect(subjects.sort()).toEqual(['Choose a new password', 'We signed a device out'])
  })
})

describe('a webhook of Resend', () => {
  it('is refused before it is parsed when its signature is wrong or missing', async () => {
    const world = aHookedWorld()
    const person = world.person()
    const body = webhookOf('email.bounced', person.email, world.now(), permanent)
    const answers = [
      await send(world, body, 'whsec_b2xkZXIgc2VjcmV0'),
      await call(world.fetch, 'POST', path, { raw: body }),
      await call(world.fetch, 'POST', path, { raw: '{"id":' }),
    ]
    expect(answers.map(({ status, json }) => [status, json.code])).toEqual(answers.map(() => [400, 'signature_invalid']))
    expect(await statusOf(world, person)).toBe('ok')
  })

  it('is refused when it is malformed', async () => {
    const world = aHookedWorld()
    const strange = JSON.stringify({ type: 'email.bounced', created_at: 'yesterday', data: { to: ['a@example.com'] } })
    const answers = [await send(world, '{"id":'), await send(world, '{}'), await send(world, strange)]
    expect(answers.map(({ json }) => json.code)).toEqual(['malformed_json', 'bad_request', 'bad_request'])
  })

  it('is refused unread when it is too large', async () => {
    expect((await send(aHookedWorld(), JSON.stringify('x'.repeat(300_000)))).status).toBe(413)
  })

  it('is not found where no secret is set up', async () => {
    const { status, json } = await call(aWorld().fetch, 'POST', path, { raw: '{}' })
    expect([status, json.code]).toEqual([404, 'not_found'])
  })
})
