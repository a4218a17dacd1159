import { describe, expect, it } from 'vitest'
import { sweep } from '../sweep'
import { anOrder, aWorld } from '../testing/fixtures'
import { mailerFrom } from './mailer'
import { resend } from './resend'

type Answer = { status: number; body?: unknown; headers?: Record<string, string> } | 'breaks'

/** A world whose provider is Resend, which gives these answers and then repeats the last. */
function withResend(...answers: Answer[]) {
  const requests: { url: string; headers: Headers; body: Record<string, unknown> }[] = []
  const request = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const { url, headers } = new Request(input, init)
    requests.push({ url, headers, body: JSON.parse(String(init?.body)) })
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    if (answer === 'breaks' || answer === undefined) throw new TypeError('Network connection lost')
    return Response.json(answer.body ?? { id: 're_1' }, { status: answer.status, headers: answer.headers ?? {} })
  }
  const world = aWorld({ ENVIRONMENT: 'production', MAIL_FROM: 'Credenza <shop@example.com>' })
  const env = { ENVIRONMENT: 'production', MAIL_FROM: 'Credenza <shop@example.com>', RESEND_API_KEY: 're_secret' }
  world.deps.mailer = mailerFrom(env, request as typeof fetch)
  const order = anOrder(world)
  const mails = () => world.stored.emails.find({ userId: order.buyer.userId })
  return { world, requests, order, mails }
}

const taken = { status: 200 }
const anEmail = { id: 'm', to: 'a@example.com', subject: 's', text: 't', html: 'h' }

describe('Resend', () => {
  it('gets the e-mail with both parts, with its id as idempotency key', async () => {
    const { world, requests, order, mails } = withResend(taken)
    await world.deliver(order.created)
    const [{ url, headers, body } = { url: '', headers: new Headers(), body: {} }] = requests
    expect(url).toBe('https://api.resend.com/emails')
    expect([headers.get('authorization'), headers.get('content-type')]).toEqual(['Bearer re_secret', 'application/json'])
    expect(headers.get('idempotency-key')).toBe(`${order.created.id}:${order.buyer.userId}:order.created`)
    expect(body).toEqual({
      ...{ from: 'Credenza <shop@example.com>', to: [order.buyer.email], subject: `Order ${order.number} is placed` },
      text: expect.stringContaining('Hello'),
      html: expect.stringContaining('<!doctype html>'),
    })
    expect(await mails()).toMatchObject([{ status: 'sent', attempts: 1 }])
  })

  it.each<{ what: string; answer: Answer; wait: number }>([
    {
      what: 'limits the rate',
      answer: { status: 429, body: { name: 'rate_limit_exceeded' }, headers: { 'retry-after': '90' } },
      wait: 90,
    },
    {
      what: 'limits the rate without naming a time',
      answer: { status: 429, body: { name: 'daily_quota_exceeded' } },
      wait: 1,
    },
    {
      what: 'still works on the first attempt',
      answer: { status: 409, body: { name: 'concurrent_idempotent_requests' } },
      wait: 1,
    },
    { what: 'does not know our key', answer: { status: 401, body: { name: 'missing_api_key' } }, wait: 1 },
    { what: 'does not know our domain', answer: { status: 403, body: { name: 'validation_error' } }, wait: 1 },
    { what: 'refuses our sender', answer: { status: 422, body: { name: 'invalid_from_address' } }, wait: 1 },
    { what: 'fails', answer: { status: 500, body: { name: 'application_error' } }, wait: 1 },
    {
      what: 'fails and names a time',
      answer: { status: 503, body: 'down', headers: { 'retry-after': '120' } },
      wait: 120,
    },
    { what: 'cannot be reached', answer: 'breaks', wait: 30 },
  ])('is asked again under the same key when it $what, and the e-mail goes out once', async ({ answer, wait }) => {
    const { world, requests, order, mails } = withResend(answer, taken)
    await world.deliver(order.created, order.created)
    const [mail] = await mails()
    expect(mail?.status).toBe('queued')
    expect(mail?.dueAt).toBeGreaterThanOrEqual(world.now() + wait * 1_000)
    world.now.advance((mail?.dueAt ?? 0) - world.now() - 1)
    await sweep(world.deps)
    expect(requests).toHaveLength(1)
    world.now.advance(1)
    await sweep(world.deps)
    await sweep(world.deps)
    expect(requests.map(({ headers }) => headers.get('idempotency-key'))).toEqual([mail?._id, mail?._id])
    expect(await mails()).toMatchObject([{ status: 'sent', attempts: 2, error: null }])
  })

  it('is not asked again when it accepted the e-mail before with another text', async () => {
    const { world, requests, order, mails } = withResend('breaks', { status: 409, body: { name: 'invalid_idempotent_request' } })
    await world.deliver(order.created)
    world.now.advance(60_000)
    await sweep(world.deps)
    expect([requests.length, (await mails()).map(({ status }) => status)]).toEqual([2, ['sent']])
  })

  it.each([
    { status: 422, body: { name: 'validation_error', message: 'Invalid `to` field' } },
    { status: 400, body: { name: 'validation_error' } },
    { status: 413, body: '' },
  ])('is asked once when it refuses an e-mail for good: %j', async (answer) => {
    const { world, requests, order, mails } = withResend(answer)
    await world.deliver(order.created)
    world.now.advance(24 * 3_600_000)
    await sweep(world.deps)
    expect(requests).toHaveLength(1)
    expect(await mails()).toMatchObject([
      { status: 'failed', error: expect.stringContaining(`Resend answered ${answer.status}`) },
    ])
  })

  it.each([
    { status: 429, name: 'rate_limit_exceeded', code: 'too_many_requests' },
    { status: 409, name: 'concurrent_idempotent_requests', code: 'conflict' },
    { status: 422, name: 'validation_error', code: 'bad_request' },
    { status: 401, name: 'missing_api_key', code: 'unavailable' },
    { status: 500, name: 'internal_server_error', code: 'unavailable' },
  ])('counts as unavailable only for its own failures: $status $name is $code', async ({ status, name, code }) => {
    const answer = async () => Response.json({ name }, { status, headers: { 'retry-after': '7' } })
    const sending = resend('re_secret', 'shop@example.com', answer as typeof fetch)(anEmail, new AbortController().signal)
    await expect(sending).rejects.toMatchObject({ code, meta: code === 'bad_request' ? {} : { retryAfter: 7 } })
  })

  it('is aborted by the signal when it never answers', async () => {
    const controller = new AbortController()
    const silent = (_url: RequestInfo | URL, init?: RequestInit) =>
      new Promise<Response>((_, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted'))))
    const sending = resend('re_secret', 'shop@example.com', silent as typeof fetch)(anEmail, controller.signal)
    controller.abort()
    await expect(sending).rejects.toThrow('aborted')
  })
})

describe('the mailer of a deployment', () => {
  const env = { ENVIRONMENT: 'production', MAIL_FROM: 'shop@example.com' }
  const called: string[] = []
  const EMAIL = { send: async () => ({ messageId: String(called.push('binding')) }) }
  const request = (async () => Response.json({ id: String(called.push('resend')) })) as unknown as typeof fetch

  it.each([
    { what: 'is the binding where there is one', more: { EMAIL, RESEND_API_KEY: 'k' }, by: ['binding'] },
    { what: 'is Resend where there is only a key', more: { RESEND_API_KEY: 'k' }, by: ['resend'] },
    {
      what: 'is Resend also in a local run with a key',
      more: { ENVIRONMENT: 'local', RESEND_API_KEY: 'k' },
      by: ['resend'],
    },
    { what: 'is the local mailbox in a local run without a key', more: { ENVIRONMENT: 'local' }, by: [] },
  ])('$what', async ({ more, by }) => {
    called.length = 0
    await mailerFrom({ ...env, ...more }, request)?.send(anEmail)
    expect(called).toEqual(by)
  })

  it('is null anywhere else', () => {
    expect(mailerFrom(env, request)).toBeNull()
  })

  it.each([
    { code: 'E_RECIPIENT_SUPPRESSED', becomes: 'bad_request' },
    { code: 'E_VALIDATION_ERROR', becomes: 'bad_request' },
    { code: 'E_RATE_LIMIT_EXCEEDED', becomes: 'too_many_requests' },
    { code: 'E_SENDER_NOT_VERIFIED', becomes: 'unavailable' },
    { code: 'E_INTERNAL_SERVER_ERROR', becomes: 'unavailable' },
  ])('turns Cloudflare’s $code into $becomes', async ({ code, becomes }) => {
    const binding = { send: () => Promise.reject(Object.assign(new Error('no'), { code })) }
    await expect(mailerFrom({ ...env, EMAIL: binding })?.send(anEmail)).rejects.toMatchObject({ code: becomes })
  })
})
