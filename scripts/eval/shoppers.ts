import { randomBytes } from 'node:crypto'
import { api, until } from '../support/api.ts'

/** What a shopper bought and said to the assistant: none of it may be shown to others. */
export type Bought = { number: string; orderId: string; tracking: string; conversationId: string }

export type Shopper = {
  name: string
  token: string
  bought: Bought | null
  /** Buys a wool blanket that is shipped, puts a mug into the cart, and talks with the assistant. Returns the texts that would give it away. */
  buys: () => Promise<string[]>
}

/** Registers a new shopper. */
export async function aShopper(base: string): Promise<Shopper> {
  const run = randomBytes(5).toString('hex')
  const [name, email] = [`Quill ${run}`, `asker-${run}@example.com`]
  const { json } = await api(base, 'POST', '/v1/auth/register', {
    body: { email, password: 'correct horse battery staple', name, role: 'buyer' },
  })
  const token: string = json.accessToken
  const shopper: Shopper = { name, token, bought: null, buys: async () => [] }
  shopper.buys = async () => {
    shopper.bought = await buy(base, token, { name, street: `${run} Hidden Lane`, tracking: `1Z${run.toUpperCase()}` })
    const { number, orderId, tracking, conversationId } = shopper.bought
    return [name, email, json.user.id, `${run} Hidden Lane`, number, orderId, tracking, conversationId, 'periwinkle']
  }
  return shopper
}

async function buy(
  base: string,
  token: string,
  { name, street, tracking }: { name: string; street: string; tracking: string },
): Promise<Bought> {
  const variantOf = async (title: string) => {
    const { json } = await api(base, 'GET', `/v1/products?q=${encodeURIComponent(title)}`)
    return json.items.find((item: { title: string }) => item.title === title).variants[0].id as string
  }
  const put = async (title: string) =>
    api(base, 'POST', '/v1/cart/items', { token, body: { variantId: await variantOf(title), quantity: 1 } })
  await put('Wool blanket')
  const address = { name, line1: street, city: 'Springfield', postalCode: '12345', country: 'US' }
  const placed = await api(base, 'POST', '/v1/orders', {
    token,
    headers: { 'idempotency-key': tracking },
    body: { shippingAddress: address },
  })
  const { id: orderId, number } = placed.json
  await until(
    'the payment',
    async () => (await api(base, 'GET', `/v1/payments/${orderId}`, { token, expect: [200, 404] })).status === 200,
  )
  await api(base, 'POST', `/v1/payments/${orderId}/confirm`, { token, body: { paymentMethod: 'pm_card_visa' } })
  const order = async (status: string) => (await api(base, 'GET', `/v1/orders/${orderId}`, { token })).json.status === status
  await until('the order to be paid', () => order('paid'))
  const seller = await api(base, 'POST', '/v1/auth/login', {
    body: { email: 'outdoor@example.com', password: 'credenza demo 1' },
  })
  await api(base, 'POST', `/v1/orders/${orderId}/shipments`, {
    token: seller.json.accessToken,
    body: { carrier: 'UPS', trackingNumber: tracking },
  })
  await until('the order to be shipped', () => order('shipped'))
  await put('Titanium mug')
  const talk = await api(base, 'POST', '/v1/assistant/messages', {
    token,
    body: { message: 'Do you have a periwinkle blanket?' },
  })
  return { number, orderId, tracking, conversationId: talk.json.conversationId }
}
