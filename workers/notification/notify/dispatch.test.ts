import { describe, expect, it } from 'vitest'
import { newId } from '../../../shared/contracts/ids'
import { anEvent } from '../../../shared/testing/factories'
import { sweep } from '../sweep'
import { anOrder, aWorld } from '../testing/fixtures'

const minute = 60_000

/** A world whose provider records e-mails, and fails while it is down. */
function withProvider() {
  const provider = {
    sent: [] as EmailMessageBuilder[],
    down: false,
    send: async (email: EmailMessageBuilder) => {
      if (provider.down) throw new Error('the provider is down')
      provider.sent.push(email)
      return { messageId: 'm' }
    },
  }
  return Object.assign(aWorld({ ENVIRONMENT: 'production', MAIL_FROM: 'shop@example.com', EMAIL: provider }), { provider })
}

const statusOf = async (world: ReturnType<typeof aWorld>, userId: string) =>
  (await world.stored.emails.find({ userId })).map(({ status, attempts }) => [status, attempts])

describe('an e-mail', () => {
  it('goes out through the binding of the deployment, once per event', async () => {
    const world = withProvider()
    const order = anOrder(world)
    await world.deliver(order.created, order.created)
    expect(world.provider.sent).toEqual([
      {
        ...{ from: 'shop@example.com', to: order.buyer.email, subject: `Order ${order.number} is placed` },
        text: expect.stringContaining(`Hello ${order.buyer.name},`),
        html: expect.stringContaining(
          `<p style="margin:0 0 16px;white-space:pre-line;overflow-wrap:anywhere">Hello ${order.buyer.name},</p>`,
        ),
        headers: { 'X-Entity-Ref-ID': `${order.created.id}:${order.buyer.userId}:order.created` },
      },
    ])
  })

  it('is sent once by several deliveries at once', async () => {
    const world = withProvider()
    const order = anOrder(world)
    await Promise.all([1, 2, 3].map(() => world.deliver(order.created)))
    expect(world.provider.sent).toHaveLength(1)
  })

  it.each([
    // As long as the circuit breaker stays open.
    { what: 'provider', wait: 30_000 },
    { what: 'auth', wait: 1_000 },
  ] as const)('waits for the sweep while $what is down, and does not block the event', async ({ what, wait }) => {
    const world = withProvider()
    const order = anOrder(world)
    world[what].down = true
    await world.deliver(order.created)
    expect(await world.inbox(order.buyer)).toHaveLength(1)
    world.now.advance(wait - 1)
    await sweep(world.deps)
    expect(await statusOf(world, order.buyer.userId)).toEqual([['queued', 1]])
    world[what].down = false
    world.now.advance(1)
    await sweep(world.deps)
    await sweep(world.deps)
    expect(world.provider.sent).toHaveLength(1)
    expect(await statusOf(world, order.buyer.userId)).toEqual([['sent', 2]])
  })

  it('is tried again when its lease is over after a crash interrupted its delivery', async () => {
    const world = withProvider()
    const order = anOrder(world)
    world.provider.down = true
    await world.deliver(order.created)
    const [mail] = await world.stored.emails.find({ userId: order.buyer.userId })
    await world.deps.emails.claim([mail?._id ?? ''], world.now() + minute, minute)
    world.provider.down = false
    world.now.advance(2 * minute - 1)
    await sweep(world.deps)
    expect(world.provider.sent).toEqual([])
    world.now.advance(1)
    await sweep(world.deps)
    expect(world.provider.sent).toHaveLength(1)
  })

  it('is dropped after a day without a provider, and deleted after a month', async () => {
    const world = withProvider()
    const order = anOrder(world)
    const { mailer } = world.deps
    world.deps.mailer = null
    await world.deliver(order.created)
    world.now.advance(24 * 60 * minute)
    world.deps.mailer = mailer
    await sweep(world.deps)
    expect(world.provider.sent).toEqual([])
    expect(await statusOf(world, order.buyer.userId)).toEqual([['dropped', 1]])
    world.now.advance(30 * 24 * 60 * minute)
    await sweep(world.deps)
    expect(await statusOf(world, order.buyer.userId)).toEqual([])
  })

  it('does not block the rest of the sweep when reading due e-mails fails', async () => {
    const world = withProvider()
    const { userId } = world.person()
    await world.deliver(
      anEvent('user.registered', userId, { version: 1, userId, email: 'a@example.com', name: 'A', role: 'buyer' }),
    )
    world.now.advance(31 * 24 * 60 * minute)
    const due = () => Promise.reject(new Error('does not answer'))
    await expect(sweep({ ...world.deps, emails: { ...world.deps.emails, due } })).rejects.toThrow('does not answer')
    expect(await statusOf(world, userId)).toEqual([])
  })

  it('stays queued, without its token, where no provider is set up', async () => {
    const world = aWorld({ ENVIRONMENT: 'production' })
    const { userId } = world.person()
    const requestId = newId('req')
    world.tokens.set(requestId, 'secret-token')
    await world.deliver(anEvent('user.password_reset_requested', userId, { version: 1, userId, requestId }))
    await sweep(world.deps)
    const [mail] = await world.stored.emails.find({ userId })
    expect(mail).toMatchObject({ status: 'queued', attempts: 0, content: { kind: 'password_reset', requestId } })
    expect(JSON.stringify(mail)).not.toContain('secret-token')
  })

  it('does not keep its token after a provider sent it', async () => {
    const world = withProvider()
    const { userId } = world.person()
    const requestId = newId('req')
    world.tokens.set(requestId, 'secret-token')
    await world.deliver(anEvent('user.password_reset_requested', userId, { version: 1, userId, requestId }))
    expect(JSON.stringify(world.provider.sent)).toContain('secret-token')
    expect(JSON.stringify(await world.stored.emails.find({ userId }))).not.toContain('secret-token')
  })

  it('is dropped for a guest who gave no address', async () => {
    const world = withProvider()
    const guest = world.person('guest')
    const order = anOrder(world, guest)
    await world.deliver({ ...order.created, data: { ...order.created.data, email: null } })
    expect(await statusOf(world, guest.userId)).toEqual([['dropped', 1]])
    expect(await world.inbox(guest)).toHaveLength(1)
  })
})
