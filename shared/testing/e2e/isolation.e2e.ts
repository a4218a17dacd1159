import { mkdirSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bounded, findUnbounded } from '../bounds'
import { bytesOf, type Document, expectedStatus, findGaps, type Intruder, intruders, missingLike, routesOf } from '../isolation'
import { cases, smuggled, tracesOf, type World } from '../isolation-cases'
import { freshEmail, outsideClient, type Person, shippingAddress } from './client'
import { sharedConstellation } from './harness'

type Constellation = Awaited<ReturnType<typeof sharedConstellation>>
type Whose = 'victimSeller' | 'victimBuyer' | 'buyer' | 'seller' | 'guest'

const secretWords = { password: 'correct horse battery staple', street: '7 Whispering Lane' }
let constellation: Constellation
let client: ReturnType<typeof outsideClient>
let document: Document & Bounded
let people: Record<Whose, Person>
let world: World
/** A product of the seller who is not the victim. */
let own: { productId: string; variantId: string }

const sessionIn = ({ token }: Person): string => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).sid

/** Two shops and two shoppers; one of each has what the others try to get at. */
async function populate(): Promise<void> {
  const { register, guest, list, addToCart, place, pay, expecting, eventually } = client
  const [victimSeller, seller] = [await register('seller'), await register('seller')]
  const [victimBuyer, buyer] = [await register('buyer'), await register('buyer')]
  people = { victimSeller, victimBuyer, buyer, seller, guest: await guest() }
  const product = await list(victimSeller, 10)
  own = await list(seller, 10)
  const title = 'Secretly made lamp'
  const variants = [{ sku: 'SECRET-1', price: { amount: 500, currency: 'USD' }, stock: 5 }]
  const draft = await expecting(201, victimSeller, 'POST', '/v1/products', {
    body: { title, description: 'Not to be seen yet.', category: 'things', status: 'draft', variants },
  })
  const buy = async (key: string): Promise<string> => {
    await addToCart(victimBuyer, product.variantId, 1)
    return (await place(victimBuyer, key, { shippingAddress: { ...shippingAddress, line1: secretWords.street } })).json.id
  }
  const paidOrder = await buy('first-order-of-the-victim')
  await pay(victimBuyer, paidOrder, 'pm_card_visa')
  await eventually(victimBuyer, `/v1/orders/${paidOrder}`, ({ json }) => json.status === 'paid')
  const order = await buy('second-order-of-the-victim')
  await eventually(victimBuyer, `/v1/payments/${order}`, ({ status }) => status === 200)
  await addToCart(victimBuyer, product.variantId, 2)
  const notification = await eventually(
    victimBuyer,
    '/v1/notifications',
    ({ json }) => json.items.find(({ type }: { type: string }) => type.startsWith('order'))?.id as string | undefined,
  )
  const talk = { body: { message: 'Where is my first order?' } }
  const { conversationId: conversation } = await expecting(200, victimBuyer, 'POST', '/v1/assistant/messages', talk)
  // Its products have no pictures, which the assistant says when it has heard of them.
  const suggestion = await eventually(victimSeller, '/v1/assistant/seller/suggestions', ({ json }) => {
    void constellation.worker('ai-buddy').scheduled({ cron: '* * * * *' })
    return json.items[0]?.id as string | undefined
  })
  world = {
    seller: victimSeller,
    buyer: { ...victimBuyer, sessionId: sessionIn(victimBuyer) },
    product,
    draft: { productId: draft.id, variantId: draft.variants[0].id, title },
    ...{ order, paidOrder, notification, conversation, suggestion },
  }
}

beforeAll(async () => {
  constellation = await sharedConstellation()
  client = outsideClient(constellation.url)
  document = await client.eventually(null, '/v1/openapi.json', ({ status, json }) => status === 200 && json)
  await populate()
}, 150_000)
afterAll(async () => {
  // `npm test` prints what is in this folder.
  mkdirSync('.wrangler/counts', { recursive: true })
  writeFileSync('.wrangler/counts/isolation.json', JSON.stringify(counts))
})

const counts = { 'routes with an id attacked': 0, 'calls made': 0, 'lists read by others': 0 }

/** A fresh key each time: none of the answers may come from an earlier one. */
function ask(
  who: Person | null,
  method: string,
  path: string,
  body?: object,
  key: string = crypto.randomUUID(),
): Promise<Response> {
  counts['calls made'] += 1
  const headers = {
    ...(who ? { authorization: `Bearer ${who.token}` } : {}),
    ...(body ? { 'content-type': 'application/json' } : {}),
    ...(method === 'GET' ? {} : { 'idempotency-key': key }),
  }
  return constellation.fetch(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
}

const textAt = async (who: Person | null, path: string): Promise<string> => (await ask(who, 'GET', path)).text()
const personOf = (intruder: Intruder): Person | null => (intruder === 'nobody' ? null : people[intruder])
const ownerOf = (by: string) => people[by === 'seller' ? 'victimSeller' : 'victimBuyer']

describe('what belongs to somebody', () => {
  it('is in a case for every route that has an id in its path', () => {
    expect(findGaps(document, cases)).toEqual({ missing: [], surplus: [] })
  })

  for (const [route, one] of Object.entries(cases)) {
    const [method = '', template = ''] = route.split(' ')
    const at = (id: string) => template.replace(/\{[^}]+\}/, id)
    if ('operators' in one) {
      it(`is for operators alone: ${route}`, async () => {
        expect(routesOf(document).get(route)).toEqual(['admin'])
        counts['routes with an id attacked'] += 1
        for (const intruder of intruders) {
          const response = await ask(personOf(intruder), method, at(one.operators), one.body)
          expect(response.status, `${intruder}: ${await response.text()}`).toBe(expectedStatus(['admin'], intruder))
        }
      })
    }
    if (!('of' in one)) continue
    it(`is for nobody else as if it were not there: ${route}`, async () => {
      const access = routesOf(document).get(route) ?? 'public'
      const id = one.of(world)
      const missing = missingLike(id)
      const seen = one.seen(world)
      counts['routes with an id attacked'] += 1
      const before = await textAt(ownerOf(seen.by), seen.at)
      for (const intruder of intruders) {
        const answerFor = async (asked: string) => {
          const response = await ask(personOf(intruder), method, at(asked), one.body?.(world))
          return { status: response.status, bytes: await bytesOf(response, asked) }
        }
        const [real, none] = [await answerFor(id), await answerFor(missing)]
        expect(real.bytes, `${intruder} learns from the answer that there is something`).toBe(none.bytes)
        expect(real.status, `${intruder}: ${real.bytes}`).toBe(expectedStatus(access, intruder, one.says?.status))
      }
      expect(await textAt(ownerOf(seen.by), seen.at)).toBe(before)
    })
  }

  it.each(smuggled.map((each) => [each.what, each] as const))('is out of reach by its id elsewhere: %s', async (_what, each) => {
    const id = each.of(world)
    const answerFor = async (asked: string) => {
      const { method, path, body } = each.ask(asked, own)
      return bytesOf(await ask(people[each.by], method, path, body), asked)
    }
    expect(await answerFor(id)).toBe(await answerFor(missingLike(id)))
    const { method, path, body } = each.ask(id, own)
    const answer = await client.send(people[each.by], method, path, body ? { body } : {})
    expect(each.says(answer), JSON.stringify(answer.json)).toBe(true)
  })

  it('is on no list of anybody else, nor in any other answer without an id', async () => {
    const lists = [...routesOf(document).keys()].filter((route) => route.startsWith('GET ') && !/[{]|\/v1\/dev\//.test(route))
    expect(lists).toContain('GET /v1/orders')
    for (const route of lists) {
      const access = routesOf(document).get(route) ?? 'public'
      for (const intruder of intruders) {
        const response = await ask(personOf(intruder), 'GET', route.replace('GET ', ''))
        const text = await response.text()
        counts['lists read by others'] += 1
        const refused = expectedStatus(access, intruder, 0)
        if (refused > 0) expect(response.status, `${route}: ${text}`).toBe(refused)
        for (const trace of tracesOf(world)) expect(text.includes(trace), `${route} shows ${trace}`).toBe(false)
      }
    }
  })

  it('is not reached by the cursor of its list', async () => {
    const { nextCursor } = await client.expecting(200, people.victimBuyer, 'GET', '/v1/orders?limit=1')
    expect(nextCursor).toEqual(expect.any(String))
    for (const path of ['/v1/orders', '/v1/notifications', '/v1/seller/orders']) {
      const text = await textAt(people.seller, `${path}?cursor=${nextCursor}`)
      for (const trace of tracesOf(world)) expect(text).not.toContain(trace)
    }
  })
})

describe('a key, a ticket or a token of somebody else', () => {
  it('gets nobody the answer that was kept under an Idempotency-Key', async () => {
    const body = { shippingAddress: { ...shippingAddress, line1: secretWords.street } }
    for (const intruder of ['buyer', 'seller'] as const) {
      const response = await ask(people[intruder], 'POST', '/v1/orders', body, 'second-order-of-the-victim')
      const text = await response.text()
      expect([response.status, response.headers.get('idempotency-replayed')], text).toEqual([409, null])
      for (const trace of tracesOf(world)) expect(text).not.toContain(trace)
    }
  })

  const opens = (ticket: string): Promise<number> =>
    new Promise((resolve) => {
      const socket = new WebSocket(
        new URL(`/v1/realtime?ticket=${encodeURIComponent(ticket)}`, constellation.url).href.replace(/^http/, 'ws'),
      )
      const opened = () => {
        socket.close()
        resolve(101)
      }
      socket.addEventListener('open', opened, { once: true })
      socket.addEventListener('error', () => resolve(401), { once: true })
    })
  const ticketOf = async (who: Person): Promise<string> =>
    (await client.expecting(201, who, 'POST', '/v1/realtime/tickets', { body: {} })).ticket

  it('opens no live session: a ticket is good once, for whom it was made, and not to be rewritten', async () => {
    const ticket = await ticketOf(people.victimBuyer)
    const mine = await ticketOf(people.buyer)
    const decoded = Buffer.from(mine.split('.')[0] ?? '', 'base64url').toString()
    const payload = Buffer.from(decoded.replace(people.buyer.id, people.victimBuyer.id)).toString('base64url')
    expect(payload).not.toBe(mine.split('.')[0])
    expect(await opens(`${payload}.${mine.split('.')[1]}`)).toBe(401)
    expect([await opens(ticket), await opens(ticket)]).toEqual([101, 401])
  })

  it('is worth little once its session has ended: no refresh, no live session, no account', async () => {
    const leaver = await client.register('buyer')
    const ticket = await ticketOf(leaver)
    await client.expecting(204, leaver, 'POST', '/v1/auth/logout')
    expect((await client.send(null, 'POST', '/v1/auth/refresh', { body: { refreshToken: leaver.refreshToken } })).status).toBe(
      401,
    )
    expect((await client.send(leaver, 'GET', '/v1/auth/me')).status).toBe(401)
    await expect.poll(() => opens(ticket), { timeout: 10_000 }).toBe(401)
    // Until it expires, a quarter of an hour after it was made, the token itself is still believed elsewhere.
    expect((await client.send(leaver, 'GET', '/v1/cart')).status).toBe(200)
  })
})

describe('a session in a cookie', () => {
  const refresh = (cookie: string, headers: Record<string, string> = { 'credenza-session': 'cookie' }) =>
    constellation.fetch('/v1/auth/refresh', {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie, ...headers },
      body: '{}',
    })

  it('passes the gateway for whoever asks for it, and never for the page of a stranger', async () => {
    const response = await constellation.fetch('/v1/auth/guest', { method: 'POST', headers: { 'credenza-session': 'cookie' } })
    expect([response.status, Object.keys((await response.json()) as object)]).toEqual([
      201,
      expect.not.arrayContaining(['refreshToken']),
    ])
    const [set = ''] = response.headers.getSetCookie()
    expect(set).toMatch(/^__Host-credenza_refresh=[^;]+;.*Secure/)
    const cookie = set.split(';')[0] ?? ''
    const strangers: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ]
    for (const stranger of strangers)
      expect((await refresh(cookie, { 'credenza-session': 'cookie', ...stranger })).status).toBe(403)
    expect((await refresh(cookie, {})).status).toBe(422)
    const next = await refresh(cookie)
    expect([next.status, next.headers.getSetCookie().length, next.headers.get('cache-control')]).toEqual([200, 1, 'no-store'])
  })
})

describe('what anyone may send', () => {
  it('has a greatest size in every field of every body, query and header', () => {
    expect(findUnbounded(document)).toEqual([])
  })
})

describe('what the Workers log', () => {
  it('has none of the passwords, tokens, addresses and keys that went through them', async () => {
    const email = freshEmail('leaky')
    await client.send(null, 'POST', '/v1/auth/login', { body: { email, password: 'a wrong password, but close' } })
    await client.send(null, 'POST', '/v1/auth/refresh', { body: { refreshToken: people.buyer.refreshToken.slice(0, -3) } })
    const logs = JSON.stringify(constellation.logs())
    const secrets = Object.values(people).flatMap(({ token, refreshToken, email: address }) => [
      token,
      refreshToken,
      address ?? email,
    ])
    for (const secret of [...secrets, ...Object.values(secretWords), 'a wrong password', 'second-order-of-the-victim'])
      expect(logs.includes(secret), `the logs show ${secret}`).toBe(false)
  })
})
