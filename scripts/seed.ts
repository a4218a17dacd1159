import { productsOf, sellers } from './seed/catalogue.ts'
import type { SeedSeller } from './seed/seller.ts'
import { api } from './support/api.ts'
import { baseAddress } from './support/base.ts'
import { answerHelp } from './support/help.ts'

const help = `bun scripts/seed.ts

Fills a running local marketplace: 7 sellers in 5 currencies, 71 products in 10 categories, and the demo accounts. One
that was seeded before does not change. PORT says where it runs (8787).`

/** Only local runs make these, through a door that only local runs have. */
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
  const counts = await Promise.all(sellers.map((seller) => seedSeller(base, seller)))
  const products = counts.reduce((a, b) => a + b, 0)
  await account(base, { email: 'operator@example.com', name: 'Olu Operator', role: 'admin' })
  log(`seeded ${sellers.length} sellers with ${products} products`)
  return { products }
}

type Account = { email: string; name: string; role: 'buyer' | 'seller' | 'admin'; storeName?: string }

async function account(base: string, body: Account): Promise<void> {
  await api(base, 'POST', '/v1/dev/accounts', { body: { ...body, password: demoPassword } })
}

async function seedSeller(base: string, seller: SeedSeller): Promise<number> {
  const { email, name, storeName } = seller
  await account(base, { email, name, storeName, role: 'seller' })
  const { json } = await api(base, 'POST', '/v1/auth/login', { body: { email, password: demoPassword } })
  const token: string = json.accessToken
  const wanted = productsOf(seller)
  const present = await titlesOf(base, token, json.user.id)
  const missing = wanted.filter(({ title }) => !present.has(title))
  for (const product of missing) {
    const number = wanted.indexOf(product) + 1
    await api(base, 'POST', '/v1/products', {
      token,
      body: {
        ...product,
        status: 'active',
        variants: product.variants.map(({ price, ...variant }, position) => ({
          ...variant,
          sku: `${storeName.slice(0, 3).toUpperCase()}-${String(number).padStart(3, '0')}-${position + 1}`,
          price: { amount: price, currency: seller.currency },
        })),
      },
    })
  }
  return missing.length
}

async function titlesOf(base: string, token: string, sellerId: string): Promise<Set<string>> {
  const titles = new Set<string>()
  let cursor: string | null = null
  do {
    const query = new URLSearchParams({ seller: sellerId, limit: '100', ...(cursor ? { cursor } : {}) })
    const { json } = await api(base, 'GET', `/v1/products?${query}`, { token })
    for (const { title } of json.items) titles.add(title)
    cursor = json.nextCursor
  } while (cursor)
  return titles
}

if (import.meta.main) {
  answerHelp(help)
  const { products } = await seed(baseAddress(), console.log)
  if (products === 0) console.log('nothing to seed: it was seeded before')
}
