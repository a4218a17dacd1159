import { setTimeout as sleep } from 'node:timers/promises'
import { api } from '../support/api.ts'
import { shopper } from './shopper.ts'
import type { World } from './world.ts'
import { address, choice, popular } from './zipf.ts'

/** One client of a work: it does one operation after the other; what an operation answers, if anything, is its time in milliseconds. */
type Client = () => Promise<number | undefined>
export type Work = {
  what: string
  /** Prepares one of the clients, who work at once. */
  client: (world: World) => Promise<Client>
  /** Looks at the end whether what must hold does hold; its figures go into the line. */
  verify?: (world: World) => Promise<Record<string, number>>
  prepare?: (world: World) => Promise<void>
}

const reading = (path: (world: World) => string): Work['client'] => {
  return async (world) => async () => {
    const response = await fetch(world.base + path(world), { headers: address() })
    const body = await response.text()
    if (!response.ok || body.length === 0) throw new Error(`${response.status} ${body.slice(0, 200)}`)
    return undefined
  }
}

const orders = ['newest', 'newest', 'newest', 'price', '-price', 'title']
const linesPerCart = 15
const scarce = 40

export const workloads: Record<string, Work> = {
  constant: { what: 'a fixed answer of the gateway: the ceiling', client: reading(() => '/problems/not_found') },
  list: {
    what: 'a first page of 24 in some order, of all or of one category',
    client: reading(({ categories }) => {
      const category = Math.random() < 0.5 ? `&category=${popular(categories)}` : ''
      return `/v1/products?limit=24&sort=${choice(orders)}${category}`
    }),
  },
  detail: {
    what: 'one product, the popular ones more often (Zipf)',
    client: reading(({ products }) => `/v1/products/${popular(products)}`),
  },
  search: {
    what: 'a first page of 24 for one or two words, the popular ones more often (Zipf)',
    client: reading(({ queries }) => `/v1/products?limit=24&q=${encodeURIComponent(popular(queries))}`),
  },
  'cart-add': {
    what: 'a product into the cart of a guest',
    client: async (world) => {
      const guest = await shopper(world.base)
      let lines = 0
      return async () => {
        if (lines++ % linesPerCart === 0) await guest.call('DELETE', '/v1/cart')
        const began = performance.now()
        await guest.add(choice(world.variants))
        return performance.now() - began
      }
    },
  },
  checkout: {
    what: 'a whole purchase: guest, cart, two lines, order, payment, paid',
    client: async (world) => async () => {
      const guest = await shopper(world.base)
      await guest.add(choice(world.variants))
      await guest.add(choice(world.variants))
      await guest.pay(await guest.order())
      return undefined
    },
  },
  push: {
    what: 'from the confirmation of a payment to the live frame that says it is paid',
    client: async (world) => {
      const guest = await shopper(world.base)
      const paid = await guest.live()
      return async () => {
        await guest.add(choice(world.variants))
        const orderId = await guest.order()
        const began = performance.now()
        await guest.confirm(orderId)
        await paid(orderId)
        return performance.now() - began
      }
    },
  },
  oversell: oversell(),
}

/** Everyone wants the same few units. */
function oversell(): Work {
  let variantId = ''
  let productId = ''
  return {
    what: `guests at once for ${scarce} units of one product, then for nothing`,
    prepare: async ({ base, sellerToken }) => {
      const variants = [{ sku: `SCARCE-${Date.now()}`, price: { amount: 999, currency: 'USD' }, stock: scarce }]
      const body = { title: 'Scarce thing', description: 'There are few of it.', category: 'decor', status: 'active', variants }
      const { json } = await api(base, 'POST', '/v1/products', { token: sellerToken, body })
      variantId = json.variants[0].id
      productId = json.id
    },
    client:
      async ({ base }) =>
      async () => {
        const guest = await shopper(base)
        await guest.add(variantId, [200, 409])
        await guest.tryToOrder()
        return undefined
      },
    verify: async ({ base, sellerToken }) => {
      await sleep(500)
      const { json } = await api(base, 'GET', `/v1/inventory/${variantId}`, { token: sellerToken })
      const sold = scarce - json.available
      if (json.available < 0 || json.held > scarce || productId === '') throw new Error(`oversold: ${JSON.stringify(json)}`)
      return { stock: scarce, sold, oversold: Math.max(0, sold - scarce) }
    },
  }
}
