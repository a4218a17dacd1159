import { expect, vi } from 'vitest'
import { type Answer, call } from '../http'
import { liveDevice } from '../live'

export type Person = { id: string; token: string; refreshToken: string; email: string | null }
type Request = { body?: unknown; headers?: Record<string, string> }

export const usd = (amount: number) => ({ amount, currency: 'USD' })
export const shippingAddress = { name: 'Ada', line1: '1 Main Street', city: 'Springfield', postalCode: '12345', country: 'US' }

/** Keeps names apart from those of an earlier run, for a server that remembers them. */
const run = crypto.randomUUID().slice(0, 8)
let people = 0

/** An address that nobody has used. */
export const freshEmail = (name: string) => `${name}-${run}-${++people}@example.com`

/** An outside client of a constellation: knows nothing but its address. */
export function outsideClient(url: URL) {
  const endpoint = (request: globalThis.Request) => {
    const { pathname, search } = new URL(request.url)
    return fetch(new URL(pathname + search, url), request)
  }

  const send = (who: Person | null, method: string, path: string, { body, headers }: Request = {}): Promise<Answer> =>
    call(endpoint, method, path, {
      ...(body === undefined ? {} : { body }),
      headers: { ...headers, ...(who ? { authorization: `Bearer ${who.token}` } : {}) },
    })

  /** The JSON of an answer that must have this status. */
  const expecting = async (status: number, who: Person | null, method: string, path: string, request?: Request) => {
    const answer = await send(who, method, path, request)
    expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.json)}`).toBe(status)
    return answer.json
  }

  const person = (json: { user: { id: string; email: string | null }; accessToken: string; refreshToken: string }): Person => ({
    id: json.user.id,
    token: json.accessToken,
    refreshToken: json.refreshToken,
    email: json.user.email,
  })

  async function register(role: 'buyer' | 'seller'): Promise<Person> {
    const email = freshEmail(role)
    const body = { email, password: 'correct horse battery staple', name: role, role }
    const store = role === 'seller' ? { storeName: `Shop of ${email}` } : {}
    return person(await expecting(201, null, 'POST', '/v1/auth/register', { body: { ...body, ...store } }))
  }

  const guest = async (): Promise<Person> => person(await expecting(201, null, 'POST', '/v1/auth/guest', { body: {} }))

  /** A product of one variant that is on sale. */
  async function list(seller: Person, stock: number, price = 1_000) {
    const sku = `SKU-${++people}`
    const variants = [{ sku, price: usd(price), stock }]
    const body = { title: `Thing ${sku}`, description: 'A thing.', category: 'things', status: 'active', variants }
    const product = await expecting(201, seller, 'POST', '/v1/products', { body })
    return { productId: product.id as string, variantId: product.variants[0].id as string }
  }

  const addToCart = (who: Person, variantId: string, quantity: number) =>
    expecting(200, who, 'POST', '/v1/cart/items', { body: { variantId, quantity } })

  const place = (who: Person, key: string, more: Record<string, unknown> = {}) =>
    send(who, 'POST', '/v1/orders', { headers: { 'idempotency-key': key }, body: { shippingAddress, ...more } })

  /**
   * As `place`, but asks again as a shopper's device does when a server of MONGODB_URI has too much to do: the key makes that
   * harmless. The embedded engines never have, so there a 503 is an answer like any other.
   */
  async function placePatiently(...order: Parameters<typeof place>): Promise<Answer> {
    const answer = await place(...order)
    // What was cut off may still be under way, and hold its key for a while.
    const isBusy = answer.status >= 503 || answer.json?.code === 'idempotency_in_progress'
    if (!isBusy || !process.env.MONGODB_URI) return answer
    await new Promise((resolve) => setTimeout(resolve, Number(answer.headers.get('retry-after') ?? 1) * 1_000))
    return placePatiently(...order)
  }

  /** What `test` finds in the answer at a path, asked for until it finds something. */
  const eventually = <T>(who: Person | null, path: string, test: (answer: Answer) => T | undefined | false): Promise<T> =>
    vi.waitFor(
      async () => {
        const answer = await send(who, 'GET', path)
        const found = test(answer)
        if (!found) throw new Error(`GET ${path} still answers ${answer.status} ${JSON.stringify(answer.json).slice(0, 500)}`)
        return found
      },
      { timeout: 30_000, interval: 50 },
    )

  async function pay(who: Person, orderId: string, paymentMethod: string): Promise<void> {
    await eventually(who, `/v1/payments/${orderId}`, ({ status }) => status === 200)
    await expecting(202, who, 'POST', `/v1/payments/${orderId}/confirm`, { body: { paymentMethod } })
  }

  async function live(who: Person, last?: number) {
    const { ticket } = await expecting(201, who, 'POST', '/v1/realtime/tickets', { body: {} })
    const query = new URLSearchParams({ ticket, ...(last === undefined ? {} : { last: String(last) }) })
    const socket = new WebSocket(new URL(`/v1/realtime?${query}`, url).href.replace(/^http/, 'ws'))
    const device = liveDevice(socket as unknown as Parameters<typeof liveDevice>[0])
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve(), { once: true })
      socket.addEventListener('error', () => reject(new Error('The live session did not open')), { once: true })
    })
    return device
  }

  return { send, expecting, register, guest, list, addToCart, place, placePatiently, eventually, pay, live }
}
