import { afterAll, beforeAll, expect, it } from 'vitest'
import { freshEmail, outsideClient, type Person, shippingAddress, usd } from '../shared/testing/e2e/client.ts'
import type { Answer } from '../shared/testing/http.ts'
import { type Invocations, startCounted } from './support/counted.ts'

/** The most Worker invocations behind the gateway that one request may make; the platform's own limit is 32. */
const most = 12

/**
 * Routes that need what only their own tests make: a signature, a token that was mailed, an upgrade, an order that may be refunded, a
 * parked message.
 */
const uncounted = new Set([
  'POST /v1/assistant/seller/suggestions/{id}/apply',
  'GET /v1/dead-letters/{id}',
  'POST /v1/dead-letters/{id}/discard',
  'POST /v1/dead-letters/{id}/redrive',
  'GET /v1/realtime',
  'POST /v1/auth/password/reset',
  'POST /v1/auth/verify-email',
  'POST /v1/notifications/webhooks/resend',
  'POST /v1/payments/webhooks/{provider}',
  'POST /v1/payments/{orderId}/refunds',
])

let counted: Awaited<ReturnType<typeof startCounted>>
let client: ReturnType<typeof outsideClient>

beforeAll(async () => {
  counted = await startCounted()
  client = outsideClient(counted.url)
  await client.eventually(null, '/health', ({ status }) => status === 200)
})
afterAll(() => counted.close())

it('makes no more Worker invocations for a request than its route may', async () => {
  const table = new Map<string, Invocations & { status: number }>()
  /** Sends a request and notes what it made, under the route it goes to. */
  const count = async (route: string, who: Person | null, path: string, body?: unknown, more = {}): Promise<Answer> => {
    const mark = `mark-${table.size}`
    const headers = { 'x-mark': mark, ...more }
    const answer = await client.send(who, route.split(' ')[0] ?? '', path, { headers, ...(body === undefined ? {} : { body }) })
    expect(answer.status, `${route}: ${JSON.stringify(answer.json)}`).toBeLessThan(400)
    table.set(route, { ...(await counted.invocationsOf(mark)), status: answer.status })
    return answer
  }
  const password = 'correct horse battery staple'
  const mail = async (to: string, kind: RegExp) =>
    client.eventually(null, `/v1/dev/mailbox?to=${encodeURIComponent(to)}`, ({ json }) => {
      const texts: string[] = json.items.map(({ subject, text }: { subject: string; text: string }) => `${subject} ${text}`)
      return texts.find((text) => kind.test(text))?.match(kind)?.[1]
    })

  // Accounts
  await count('GET /v1/auth/.well-known/jwks.json', null, '/v1/auth/.well-known/jwks.json')
  const email = 'counted@example.com'
  await count('POST /v1/auth/register', null, '/v1/auth/register', { email, password, name: 'Counted', role: 'buyer' })
  const login = await count('POST /v1/auth/login', null, '/v1/auth/login', { email, password })
  const refreshed = await count('POST /v1/auth/refresh', null, '/v1/auth/refresh', { refreshToken: login.json.refreshToken })
  const buyer: Person = {
    ...{ id: login.json.user.id, token: refreshed.json.accessToken, refreshToken: refreshed.json.refreshToken, email },
  }
  const guest = await count('POST /v1/auth/guest', null, '/v1/auth/guest', {})
  await count('GET /v1/auth/me', buyer, '/v1/auth/me')
  const sessions = await count('GET /v1/auth/sessions', buyer, '/v1/auth/sessions')
  expect(sessions.json.items.length).toBeGreaterThan(1)
  const elsewhere = sessions.json.items.find(({ current }: { current: boolean }) => !current)
  await count('DELETE /v1/auth/sessions/{id}', buyer, `/v1/auth/sessions/${elsewhere.id}`)
  await count('POST /v1/auth/password/forgot', null, '/v1/auth/password/forgot', { email })
  expect(await mail(email, /(.+)/)).toBeTruthy()

  // A shop
  const seller = await client.register('seller')
  const sku = (n: number) => ({ sku: `COUNTED-${n}`, price: usd(1_000), stock: 50 })
  const draft = { title: 'Counted desk', description: 'A desk.', category: 'desks', status: 'active' }
  const made = await count('POST /v1/products', seller, '/v1/products', { ...draft, variants: [sku(1), sku(2), sku(3)] })
  const productId: string = made.json.id
  const variants: { id: string }[] = made.json.variants
  const variantId = variants[0]?.id ?? ''
  await count('GET /v1/products', null, '/v1/products?q=desk')
  await count('GET /v1/products/{productId}', null, `/v1/products/${productId}`)
  const change = { title: 'Counted oak desk', variants: [{ id: variantId, stock: 60 }, sku(4)] }
  await count('PATCH /v1/products/{productId}', seller, `/v1/products/${productId}`, change)
  await count('GET /v1/inventory/{variantId}', seller, `/v1/inventory/${variantId}`)
  await count('PUT /v1/inventory/{variantId}', seller, `/v1/inventory/${variantId}`, { onHand: 70, reason: 'counted' })
  await count('GET /v1/inventory/{variantId}/movements', seller, `/v1/inventory/${variantId}/movements`)
  await count('PUT /v1/products/{id}/watch', buyer, `/v1/products/${productId}/watch`)
  await count('DELETE /v1/products/{id}/watch', buyer, `/v1/products/${productId}/watch`)

  // A cart
  const visitor: Person = { id: guest.json.user.id, token: guest.json.accessToken, refreshToken: '', email: null }
  await client.addToCart(visitor, variants[1]?.id ?? '', 1)
  await count('POST /v1/cart/items', buyer, '/v1/cart/items', { variantId, quantity: 2 })
  await count('PATCH /v1/cart/items/{variantId}', buyer, `/v1/cart/items/${variantId}`, { quantity: 3 })
  await count('GET /v1/cart', buyer, '/v1/cart')
  await count('POST /v1/cart/merge', buyer, '/v1/cart/merge', { guestToken: visitor.token })
  await count('DELETE /v1/cart/items/{variantId}', buyer, `/v1/cart/items/${variantId}`)
  await count('DELETE /v1/cart', buyer, '/v1/cart')

  // An order of three things, paid, shipped, delivered and refunded; another that is canceled
  for (const { id } of variants) await client.addToCart(buyer, id, 1)
  await count('GET /v1/orders/quote', buyer, '/v1/orders/quote')
  const key = { 'idempotency-key': 'counted' }
  const order = await count('POST /v1/orders', buyer, '/v1/orders', { shippingAddress }, key)
  const orderPath = `/v1/orders/${order.json.id}`
  const payment = `/v1/payments/${order.json.id}`
  await client.eventually(buyer, payment, ({ status }) => status === 200)
  await count('GET /v1/payments/{orderId}', buyer, payment)
  await count('POST /v1/payments/{orderId}/confirm', buyer, `${payment}/confirm`, { paymentMethod: 'pm_card_visa' })
  await client.eventually(buyer, orderPath, ({ json }) => json.status === 'paid')
  await count('GET /v1/orders/{id}', buyer, orderPath)
  await count('GET /v1/orders', buyer, '/v1/orders')
  await count('GET /v1/seller/orders', seller, '/v1/seller/orders')
  await count('POST /v1/orders/{id}/shipments', seller, `${orderPath}/shipments`, { carrier: 'UPS', trackingNumber: '1Z' })
  await count('POST /v1/orders/{id}/deliveries', seller, `${orderPath}/deliveries`, {})
  await client.addToCart(buyer, variantId, 1)
  const other = await client.place(buyer, 'counted-too')
  await count('POST /v1/orders/{id}/cancel', buyer, `/v1/orders/${other.json.id}/cancel`, {})

  // A dashboard
  const dashboard = '/v1/seller/dashboard'
  await count(`GET ${dashboard}`, seller, `${dashboard}?timeZone=Europe/Berlin`)
  for (const part of ['sales', 'top-products', 'low-stock'])
    await count(`GET ${dashboard}/${part}`, seller, `${dashboard}/${part}`)

  // The assistant
  const assistant = '/v1/assistant'
  const talk = await count(`POST ${assistant}/messages`, buyer, `${assistant}/messages`, { message: 'Do you have an oak desk?' })
  const talkPath = `${assistant}/conversations/${talk.json.conversationId}`
  await count(`GET ${assistant}/conversations`, buyer, `${assistant}/conversations`)
  await count(`GET ${assistant}/conversations/{id}`, buyer, talkPath)
  await count(`DELETE ${assistant}/conversations/{id}`, buyer, talkPath)
  await count(`DELETE ${assistant}/conversations`, buyer, `${assistant}/conversations`)
  await count(`GET ${assistant}/interests`, buyer, `${assistant}/interests`)
  await count(`DELETE ${assistant}/interests/{category}`, buyer, `${assistant}/interests/desks`)
  await count(`DELETE ${assistant}/interests`, buyer, `${assistant}/interests`)
  const suggestions = `${assistant}/seller/suggestions`
  const open = await client.eventually(seller, suggestions, ({ json }) => {
    void client.send(null, 'POST', '/v1/dev/sweep')
    return json.items.length > 0 && (json.items as { id: string; kind: string }[])
  })
  await count(`GET ${suggestions}`, seller, suggestions)
  const suggestion = `${suggestions}/${open[0]?.id}`
  await count(`POST ${suggestions}/{id}/dismiss`, seller, `${suggestion}/dismiss`, {})
  await count(`POST ${suggestions}/{id}/restore`, seller, `${suggestion}/restore`, {})

  // News
  const inbox = await count('GET /v1/notifications', buyer, '/v1/notifications')
  await count('POST /v1/notifications/{id}/read', buyer, `/v1/notifications/${inbox.json.items[0].id}/read`, {})
  const preferences = await count('GET /v1/notifications/preferences', buyer, '/v1/notifications/preferences')
  await count('PUT /v1/notifications/preferences', buyer, '/v1/notifications/preferences', preferences.json)
  await count('DELETE /v1/notifications/preferences/email-status', buyer, '/v1/notifications/preferences/email-status')
  await count('POST /v1/realtime/tickets', buyer, '/v1/realtime/tickets', {})
  await count('DELETE /v1/products/{productId}', seller, `/v1/products/${productId}`)

  // An operator
  const account = { email: freshEmail('operator'), password }
  await client.send(null, 'POST', '/v1/dev/accounts', { body: { ...account, name: 'Operator', role: 'admin' } })
  const signedIn = await client.expecting(200, null, 'POST', '/v1/auth/login', { body: account })
  const operator: Person = { id: signedIn.user.id, token: signedIn.accessToken, refreshToken: '', email: account.email }
  const { id: promoted } = await client.register('buyer')
  await count('PUT /v1/auth/users/{id}/role', operator, `/v1/auth/users/${promoted}/role`, {
    role: 'seller',
    storeName: 'Counted',
  })
  await count('GET /v1/audit', operator, '/v1/audit')
  await count('GET /v1/audit/verify', operator, '/v1/audit/verify')
  await count('GET /v1/dead-letters', operator, '/v1/dead-letters')
  await count('POST /v1/dead-letters/redrive', operator, '/v1/dead-letters/redrive', {})
  const past = { to: 'product', from: '2026-01-01T00:00:00Z', until: new Date().toISOString() }
  const replay = await count('POST /v1/events/replay', operator, '/v1/events/replay', past, key)
  await count('GET /v1/events/replays/{id}', operator, `/v1/events/replays/${replay.json.id}`)

  await count('POST /v1/auth/logout', buyer, '/v1/auth/logout', { refreshToken: buyer.refreshToken })

  const lines = [...table].map(
    ([route, { workers, objects }]) => `${route}: ${workers} Worker invocations, ${objects} calls of Durable Objects`,
  )
  process.stdout.write(`${lines.join('\n')}\n`)
  expect([...table].filter(([, { workers }]) => workers > most)).toEqual([])
  const documented = Object.entries(
    (await client.expecting(200, null, 'GET', '/v1/openapi.json')).paths as Record<string, object>,
  )
  const routes = documented.flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
  expect(routes.filter((route) => !table.has(route) && !uncounted.has(route)).sort()).toEqual([])
})
