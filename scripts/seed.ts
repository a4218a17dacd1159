import type { ProductId, UserId, VariantId } from '../shared/contracts/ids.ts'
import { productsOf, sellers } from './seed/catalogue.ts'
import { type HistorySeller, historyOf } from './seed/history.ts'
import type { SeedProduct, SeedSeller } from './seed/seller.ts'
import { api } from './support/api.ts'
import { baseUrl } from './support/base-url.ts'
import { answerHelp } from './support/help.ts'

const help = `bun scripts/seed.ts

Fills a running local marketplace: 7 sellers in 5 currencies, 71 products in 10 categories, and the demo accounts. One
that was seeded before does not change. The dashboards get 90 days of orders, refunds and views: these are in their figures
alone, and no order of them can be listed or opened. PORT says where it runs (8787).`

/** As many as fit into one body. */
const eventsPerRequest = 200

/** Only local runs make these, through a route that only local runs have. */
export const demoPassword = 'credenza demo 1'
export const demoAccounts = ['shopper@example.com', 'seller@example.com', 'operator@example.com'] as const

/**
 * Seeds the marketplace at `base` once. The operator's account is made last and stands for all: a run that was cut off half-way
 * is finished by the next one, and what a developer changed or archived since stays as they left it.
 */
export async function seed(base: string, log: (line: string) => void): Promise<{ products: number }> {
  const operator = { email: 'operator@example.com', password: demoPassword }
  const { status } = await api(base, 'POST', '/v1/auth/login', { body: operator, expect: [200, 401] })
  if (status === 200) return { products: 0 }
  await account(base, { email: 'shopper@example.com', name: 'Sam Shopper', role: 'buyer' })
  const counts = await Promise.all(sellers.map((seller, place) => seedSeller(base, seller, place)))
  const products = counts.reduce((a, b) => a + b, 0)
  await account(base, { email: 'operator@example.com', name: 'Olu Operator', role: 'admin' })
  log(`seeded ${sellers.length} sellers with ${products} products`)
  return { products }
}

type Account = { email: string; name: string; role: 'buyer' | 'seller' | 'admin'; storeName?: string }

async function account(base: string, body: Account): Promise<void> {
  await api(base, 'POST', '/v1/dev/accounts', { body: { ...body, password: demoPassword } })
}

/** Seeds one seller. Returns how many products were missing. */
export async function seedSeller(base: string, seller: SeedSeller, place: number): Promise<number> {
  const { email, name, storeName, currency, ordersPerDay } = seller
  await account(base, { email, name, storeName, role: 'seller' })
  const { json } = await api(base, 'POST', '/v1/auth/login', { body: { email, password: demoPassword } })
  const token: string = json.accessToken
  const sellerId: UserId = json.user.id
  const wanted = productsOf(seller)
  const products = await productsByTitle(base, token, sellerId)
  const missing = wanted.filter(({ title }) => !products.has(title))
  for (const product of missing) {
    const { json: made } = await api(base, 'POST', '/v1/products', {
      token,
      body: {
        ...product,
        images: picturesOf(base, product),
        status: 'active',
        variants: product.variants.map(({ price, ...variant }, position) => ({
          ...variant,
          sku: `${storeName.slice(0, 3).toUpperCase()}-${String(wanted.indexOf(product) + 1).padStart(3, '0')}-${position + 1}`,
          price: { amount: price, currency },
        })),
      },
    })
    products.set(product.title, made)
  }
  const listed = wanted.flatMap(({ title }) => products.get(title) ?? [])
  await seedHistory(base, { place, sellerId, currency, ordersPerDay, products: listed.map(toHistory) })
  return missing.length
}

type Listed = { id: ProductId; title: string; variants: { id: VariantId; price: { amount: number } }[] }

const toHistory = ({ id, variants }: Listed): HistorySeller['products'][number] => ({
  productId: id,
  variants: variants.map(({ id: variantId, price }) => ({ variantId, price: price.amount })),
})

/** The local run draws them from their names. */
function picturesOf(base: string, { category, title }: SeedProduct): string[] {
  const plain = title.normalize('NFD').toLowerCase().replaceAll(/\p{M}/gu, '')
  const slug = plain.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')
  return [1, 2].map((view) => `${base}/v1/dev/pictures/${category}.${slug}.${view}.svg`)
}

/** Past events have ids that the seller and the day determine: those that are in the figures already change nothing. */
async function seedHistory(base: string, seller: HistorySeller): Promise<void> {
  const events = historyOf(seller, Date.now())
  for (let from = 0; from < events.length; from += eventsPerRequest)
    await api(base, 'POST', '/v1/dev/history', { body: { events: events.slice(from, from + eventsPerRequest) } })
}

async function productsByTitle(base: string, token: string, sellerId: UserId): Promise<Map<string, Listed>> {
  const products = new Map<string, Listed>()
  let cursor: string | null = null
  do {
    const query = new URLSearchParams({ seller: sellerId, limit: '100', ...(cursor ? { cursor } : {}) })
    const { json } = await api(base, 'GET', `/v1/products?${query}`, { token })
    for (const product of json.items as Listed[]) products.set(product.title, product)
    cursor = json.nextCursor
  } while (cursor)
  return products
}

if (import.meta.main) {
  answerHelp(help)
  const { products } = await seed(baseUrl(), console.log)
  if (products === 0) console.log('nothing to seed: it was seeded before')
}
