import { playAssistant } from './demo/assistant.ts'
import { startScenario } from './demo/scenario.ts'
import { until } from './support/api.ts'
import { baseUrl, commandAt, readPort } from './support/base-url.ts'
import { readFlags } from './support/help.ts'

const help = `npm run demo [-- --assistant]

Plays the main job against a running local marketplace (npm start): a seller lists, a shopper buys, everyone is notified. Prints
each request, the domain events it caused and the live frames, with times. PORT says where it runs (8787).

  --assistant   plays a dialogue with the assistant instead, and what it suggests to a seller`

const address = { name: 'Dana Demo', line1: '1 Main Street', city: 'Springfield', postalCode: '12345', country: 'US' }
const usd = (amount: number) => ({ amount, currency: 'USD' })

async function play(
  base: string,
  { request, event, live, remember, chapter, say }: ReturnType<typeof startScenario>,
): Promise<void> {
  const run = Date.now().toString(36)

  chapter('A seller and a shopper sign up')
  const password = 'correct horse battery staple'
  const join = async (who: string, body: Record<string, string>) => {
    const { json } = await request(who, 'POST', '/v1/auth/register', {
      body: { email: `${who}-${run}@example.com`, password, ...body },
    })
    remember(json.user.id)
    await event('user.registered', json.user.id)
    return json
  }
  const seller = await join('seller', { name: 'Mo Maker', role: 'seller', storeName: `Workshop ${run}` })
  const shopper = await join('shopper', { name: 'Dana Demo', role: 'buyer' })
  const token: string = shopper.accessToken

  chapter('The seller lists a desk, five in stock')
  const listed = await request('seller', 'POST', '/v1/products', {
    token: seller.accessToken,
    body: {
      title: `Cherry desk ${run}`,
      description: 'A writing desk in solid cherry.',
      category: 'furniture',
      status: 'active',
      variants: [{ sku: `CHERRY-${run}`, price: usd(24_900), stock: 5 }],
    },
  })
  const product = listed.json
  const variantId: string = product.variants[0].id
  remember(product.id, variantId)
  await event('product.updated', product.id)

  chapter('The shopper fills a live cart')
  const session = await live('shopper', token)
  const filled = await request('shopper', 'POST', '/v1/cart/items', { token, body: { variantId, quantity: 2 } })
  remember(filled.json.id)
  await session.frame('cart.updated', (data) => data.version === filled.json.version)
  await event('cart.updated', filled.json.id)

  chapter('The price falls, and the cart follows')
  const price = usd(19_900)
  await request('seller', 'PATCH', `/v1/products/${product.id}`, {
    token: seller.accessToken,
    body: { variants: [{ id: variantId, price }] },
  })
  await session.frame('cart.updated', (data) => Number(data.version) > filled.json.version)
  await event('product.updated', product.id)

  chapter('Checkout: a stale total is refused, the order is placed once')
  const checkout = (key: string, more = {}) => ({
    token,
    headers: { 'idempotency-key': `${key}-${run}` },
    body: { shippingAddress: address, ...more },
  })
  await request('shopper', 'POST', '/v1/orders', { ...checkout('stale', { expectedTotal: usd(49_800) }), expect: [409] })
  const placed = await request('shopper', 'POST', '/v1/orders', checkout('order', { expectedTotal: usd(39_800) }))
  const order = placed.json
  remember(order.id)
  const again = await request('shopper', 'POST', '/v1/orders', checkout('order', { expectedTotal: usd(39_800) }))
  say(again.json.id === order.id ? `the retry answers the same order, ${order.number}` : 'TWO ORDERS: this must never be')
  await event('order.created', order.id)

  chapter('The shopper pays')
  await until('the payment', async () => {
    const response = await fetch(`${base}/v1/payments/${order.id}`, { headers: { authorization: `Bearer ${token}` } })
    return response.status === 200
  })
  await request('shopper', 'POST', `/v1/payments/${order.id}/confirm`, { token, body: { paymentMethod: 'pm_card_visa' } })
  await session.frame('order.updated', (data) => data.id === order.id && data.status === 'paid')
  await event('payment.succeeded', order.id)
  await event('order.paid', order.id)

  chapter('The seller ships')
  await request('seller', 'GET', '/v1/seller/orders', { token: seller.accessToken })
  await request('seller', 'POST', `/v1/orders/${order.id}/shipments`, {
    token: seller.accessToken,
    body: { carrier: 'UPS', trackingNumber: '1Z999AA10123456784' },
  })
  await session.frame('order.updated', (data) => data.id === order.id && data.status === 'shipped')
  await event('order.shipped', order.id)

  chapter('A device that was away gets what it missed')
  const last = session.lastSeq()
  session.close()
  await request('shopper', 'POST', '/v1/cart/items', { token, body: { variantId, quantity: 1 } })
  const back = await live('shopper', token, last)
  await back.frame('cart.updated', (data) => data.itemCount === 1)

  chapter('A declined card gives the stock back')
  const declined = (await request('shopper', 'POST', '/v1/orders', checkout('declined'))).json
  remember(declined.id)
  await until('the payment', async () => {
    const response = await fetch(`${base}/v1/payments/${declined.id}`, { headers: { authorization: `Bearer ${token}` } })
    return response.status === 200
  })
  await request('shopper', 'POST', `/v1/payments/${declined.id}/confirm`, {
    token,
    body: { paymentMethod: 'pm_card_chargeDeclined' },
  })
  await back.frame('order.updated', (data) => data.id === declined.id && data.status === 'failed')
  await event('order.canceled', declined.id)
  const available = await until('the stock', async () => {
    const { json } = await request('seller', 'GET', `/v1/inventory/${variantId}`, { token: seller.accessToken })
    return json.available === 3 && json
  })
  say(`${available.onHand} on hand, ${available.held} held, ${available.available} available: five less the two that were sold`)
  back.close()
}

const { assistant } = readFlags(help, { assistant: { type: 'boolean' } })
try {
  const played = startScenario(baseUrl(), console.log)
  await (assistant ? playAssistant : play)(baseUrl(), played)
  played.end(assistant ? 'The dialogue held.' : 'The main job held.')
  process.exit(0)
} catch (error) {
  const refused = error instanceof Error && /fetch failed|refused|Unable to connect/i.test(error.message)
  console.error(
    refused
      ? `Nothing answers at ${baseUrl()}. Start the marketplace first: ${commandAt(readPort(), 'npm start')}`
      : `\n${error}`,
  )
  process.exit(1)
}
