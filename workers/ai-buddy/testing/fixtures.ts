import { env } from 'cloudflare:workers'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { expect } from 'vitest'
import type { Actor } from '../../../shared/contracts/actor'
import type { CartApi, CartSnapshot } from '../../../shared/contracts/cart'
import { AppError } from '../../../shared/contracts/errors'
import type { Envelope } from '../../../shared/contracts/events'
import { newId, type ProductId, type UserId, type VariantId } from '../../../shared/contracts/ids'
import type { InventoryApi } from '../../../shared/contracts/inventory'
import { money, multiply } from '../../../shared/contracts/money'
import type { OrderApi, OrderSummary } from '../../../shared/contracts/order'
import type { Described, ProductApi } from '../../../shared/contracts/product'
import { consumer } from '../../../shared/events/consume'
import { type StoreBindings, storeOf } from '../../../shared/storage/store'
import { storeBindings } from '../../../shared/testing/data'
import { anEvent, as } from '../../../shared/testing/factories'
import { call } from '../../../shared/testing/http'
import { deliver } from '../../../shared/testing/queue'
import { depsFrom } from '../deps'
import { handlers } from '../events'
import { app } from '../routes'

type Goods = Partial<Omit<Described, 'variants'>> & { amount?: number; stock?: number; kinds?: Record<string, number> }

/** Products, carts and orders, as the other Workers would report them. */
function aShop() {
  const products = new Map<ProductId, Described>()
  const levels = new Map<VariantId, number>()
  const orders = new Map<UserId, OrderSummary[]>()
  const carts = new Map<UserId, Map<VariantId, number>>()
  const added = new Map<string, CartSnapshot>()
  const variantOf = (variantId: VariantId) => {
    for (const known of products.values())
      for (const variant of known.variants) if (variant.variantId === variantId) return { known, variant }
    return undefined
  }
  const snapshot = (userId: UserId): CartSnapshot => {
    const items = [...(carts.get(userId) ?? [])].flatMap(([variantId, quantity]) => {
      const found = variantOf(variantId)
      if (!found) return []
      const { known, variant } = found
      const { productId, sellerId, title } = known
      const facts = { productId, sellerId, title, unitPrice: variant.unitPrice, status: 'available' as const }
      return [{ ...facts, variantId, quantity, lineTotal: multiply(variant.unitPrice, quantity) }]
    })
    const itemCount = items.reduce((count, { quantity }) => count + quantity, 0)
    const subtotal = items[0]
      ? money(
          items.reduce((total, { lineTotal }) => total + lineTotal.amount, 0),
          'USD',
        )
      : null
    return { id: `crt_${userId.slice(4)}`, userId, version: 1, currency: subtotal?.currency ?? null, items, itemCount, subtotal }
  }
  const shop = {
    /** Every call to another Worker, as `cart.add`. */
    asked: [] as string[],
    /** Called before a call is answered, with its name; the caller gets what it throws. */
    before: (_what: string): void => undefined,
    /** Called after a call is done. */
    after: (_what: string): void => undefined,
    sell: ({ amount = 1_000, stock = 50, kinds, ...facts }: Goods = {}): Described => {
      const variants = Object.entries(kinds ?? { '': amount }).map(([title, price]) => ({
        ...{ variantId: newId('var'), sku: 'SKU', title: title === '' ? null : title, options: {} },
        ...{ unitPrice: money(price, 'USD'), availability: 'in' as const },
      }))
      const known: Described = {
        ...{ productId: newId('prd'), version: 1, sellerId: newId('usr'), status: 'active', title: 'Walnut writing desk' },
        ...{ description: 'Solid walnut with two dovetailed drawers.', category: 'furniture', tags: [], images: [] },
        ...{ variants, createdAt: 0, ...facts },
      }
      products.set(known.productId, known)
      for (const { variantId } of variants) levels.set(variantId, stock)
      return known
    },
    change: (productId: ProductId, change: Partial<Described>) => {
      const known = products.get(productId)
      if (known) products.set(productId, { ...known, version: known.version + 1, ...change })
    },
    price: (productId: ProductId, amount: number) => {
      const known = products.get(productId)
      const variants = known?.variants.map((variant) => ({ ...variant, unitPrice: money(amount, 'USD') }))
      if (variants) shop.change(productId, { variants })
    },
    stock: (variantId: VariantId, available: number) => levels.set(variantId, available),
    orderOf: (userId: UserId, order: OrderSummary) => orders.set(userId, [order, ...(orders.get(userId) ?? [])]),
    cartOf: snapshot,
  }
  const asking = async <T>(what: string, answer: () => T): Promise<T> => {
    shop.asked.push(what)
    shop.before(what)
    const answered = answer()
    shop.after(what)
    return answered
  }
  const product: Pick<ProductApi, 'describe'> = {
    describe: (ids) => asking('product.describe', () => ids.flatMap((id) => products.get(id) ?? [])),
  }
  const inventory: Pick<InventoryApi, 'levels'> = {
    levels: (ids) =>
      asking('inventory.levels', () =>
        ids.map((variantId) => {
          const available = levels.get(variantId) ?? 0
          return { variantId, available, availability: available === 0 ? ('out' as const) : available <= 5 ? 'low' : 'in' }
        }),
      ),
  }
  const order: Pick<OrderApi, 'ofBuyer'> = {
    ofBuyer: (userId, wanted) =>
      asking('order.ofBuyer', () => {
        const own = orders.get(userId) ?? []
        return 'number' in wanted ? own.filter(({ number }) => number === wanted.number) : own.slice(0, wanted.limit)
      }),
  }
  const cart: Pick<CartApi, 'snapshot' | 'add'> = {
    snapshot: (userId) => asking('cart.snapshot', () => snapshot(userId)),
    add: (userId, { variantId, quantity }, key) =>
      asking('cart.add', () => {
        const once = added.get(`${userId} ${key}`)
        if (once) return once
        if (variantOf(variantId)?.known.status !== 'active') throw new AppError('not_found')
        const lines = carts.get(userId) ?? new Map<VariantId, number>()
        carts.set(userId, lines.set(variantId, (lines.get(variantId) ?? 0) + quantity))
        const answer = snapshot(userId)
        added.set(`${userId} ${key}`, answer)
        return answer
      }),
  }
  return { ...shop, shop, product, inventory, order, cart }
}

/** An order on its way. */
export const anOrderSummary = (number: string, title = 'Brass desk lamp'): OrderSummary => ({
  ...{ orderId: newId('ord'), number, status: 'shipped', grand: money(15_900, 'USD'), placedAt: Date.UTC(2026, 10, 20) },
  items: [{ productId: newId('prd'), variantId: newId('var'), title, quantity: 1, lineTotal: money(15_900, 'USD') }],
  parcels: [
    { status: 'shipped', carrier: 'DHL', trackingNumber: 'JD0123456789', shippedAt: Date.UTC(2026, 10, 21), deliveredAt: null },
  ],
})

type Said = { conversationId?: string; confirm?: true; filters?: Record<string, unknown> }

/** A marketplace of its own around this Worker; the document store and the index are real. */
export function aWorld(overrides: Record<string, unknown> = {}) {
  const goods = aShop()
  const index = newId('req')
  const store = { before: (_action: string): void => undefined }
  const real = storeOf(env as unknown as StoreBindings)
  const data = storeBindings({
    run: async (target, operation) => {
      store.before(operation.action)
      return real.run(target, operation)
    },
    batch: async (operations) => {
      store.before('batch')
      return real.batch(operations)
    },
  })
  const bindings = {
    ...{ ...env, ...data, SEARCH: { getByName: () => env.SEARCH.getByName(index) } },
    ...{ PRODUCT: goods.product, INVENTORY: goods.inventory, ORDER: goods.order, CART: goods.cart },
    ...overrides,
  } as unknown as AiBuddyEnv
  const deps = depsFrom(bindings)
  const endpoint = (request: Request) => app.fetch(request, bindings)
  const queue = consumer('ai-buddy', handlers, () => depsFrom(bindings))
  const attempt = (event: Envelope) => deliver(queue, bindings, 'ai-buddy', [event])
  const say = (actor: Actor, message: string, more: Said = {}, headers: Record<string, string> = {}) =>
    call(endpoint, 'POST', '/v1/assistant/messages', { actor, body: { message, ...more }, headers })
  const publish = async (...events: Envelope[]) => {
    for (const event of events) expect(await attempt(event)).toEqual({ acked: ['m0'], retried: [] })
  }
  return {
    ...{ bindings, deps, endpoint, store, attempt, say, publish },
    shop: goods.shop,
    /** Puts a product on sale, so that it is found. */
    sell: async (given: Goods = {}) => {
      const known = goods.sell(given)
      await publish(updated(known))
      return known
    },
    get: (actor: Actor, path: string) => call(endpoint, 'GET', path, { actor }),
    remove: (actor: Actor, path: string) => call(endpoint, 'DELETE', path, { actor }),
    /** A message whose answer comes as events. */
    stream: async (actor: Actor, message: string, more: Said = {}, headers: Record<string, string> = {}) => {
      const response = await endpoint(
        new Request('http://credenza.test/v1/assistant/messages', {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...as(actor), ...headers },
          body: JSON.stringify({ message, ...more }),
        }),
      )
      return { response, events: () => eventsOf(response) }
    },
  }
}

export type World = ReturnType<typeof aWorld>

/** The event that says how a product is. */
export const updated = ({ productId, version, sellerId, title, status, variants }: Described) =>
  anEvent('product.updated', productId, {
    ...{ version, change: version === 1 ? 'created' : 'updated', productId, sellerId, title, status },
    variants: variants.map(({ variantId, sku, unitPrice }) => ({ variantId, sku, title, unitPrice })),
  })

/** The events of a stream, read to its end. */
export async function eventsOf(response: Response): Promise<{ event: string; data: Record<string, unknown> }[]> {
  const events: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (event) => void events.push(event), onError: (error) => expect.fail(error.message) })
  parser.feed(await response.text())
  return events.map(({ event = '', data }) => ({ event, data: JSON.parse(data) as Record<string, unknown> }))
}
