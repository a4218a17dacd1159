import { api } from '../support/api.ts'
import { categories, documentsOf, productIdOf, queries, variantIdOf } from './catalogue.ts'

/** What the works may ask for. The lists have the most popular first. */
export type World = {
  base: string
  products: string[]
  variants: string[]
  categories: string[]
  queries: string[]
  /** Whose goods they are: the seller who lists the scarce product of `oversell`. */
  sellerToken: string
}

const chunk = 200

/** A seller of this run's own. */
async function registerSeller(base: string): Promise<{ token: string; id: `usr_${string}` }> {
  const unique = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`
  const body = {
    email: `bench-${unique}@example.com`,
    password: 'a password of the bench',
    name: 'Bench',
    role: 'seller',
    storeName: 'Bench',
  }
  const { json } = await api(base, 'POST', '/v1/auth/register', { body })
  return { token: json.accessToken, id: json.user.id }
}

/** The world of a running instance, read through its own API. */
export async function foundWorld(base: string): Promise<World> {
  const { token } = await registerSeller(base)
  // biome-ignore lint/suspicious/noExplicitAny: whatever the instance sells
  const items: any[] = []
  let cursor: string | null = null
  do {
    const query = new URLSearchParams({ limit: '100', ...(cursor ? { cursor } : {}) })
    const { json } = await api(base, 'GET', `/v1/products?${query}`)
    items.push(...json.items)
    cursor = json.nextCursor
  } while (cursor && items.length < 1000)
  const variants = items.flatMap((item) =>
    item.variants.filter(({ availability }: { availability: string }) => availability === 'in'),
  )
  return {
    base,
    products: items.map(({ id }) => id),
    variants: variants.map(({ id }: { id: string }) => id),
    categories: [...new Set(items.map(({ category }) => category as string))],
    queries: [...new Set(items.flatMap(({ title }) => (title as string).toLowerCase().match(/\p{L}{3,}/gu) ?? []))],
    sellerToken: token,
  }
}

/**
 * Fills an empty instance of our own with a catalogue through the Data API at `dataApi`: one by one, through the route that lists a
 * product, 100,000 would take many minutes. One product is listed so, which makes the collections with their indexes.
 */
export async function filledWorld(
  base: string,
  dataApi: { url: string; key: string },
  size: number,
  report: (line: string) => void,
): Promise<World> {
  const seller = await registerSeller(base)
  const variants = [{ sku: 'FIRST', price: { amount: 1000, currency: 'USD' }, stock: 1 }]
  const first = {
    title: 'First of all',
    description: 'It is here so that the others can be.',
    category: 'decor',
    status: 'active',
    variants,
  }
  await api(base, 'POST', '/v1/products', { token: seller.token, body: first })
  const insert = async (database: string, collection: string, documents: object[]) => {
    const target = { dataSource: 'credenza', database, collection }
    const path = '/app/bench/endpoint/data/v1/action/insertMany'
    await api(dataApi.url, 'POST', path, { headers: { 'api-key': dataApi.key }, body: { ...target, documents } })
  }
  const began = performance.now()
  for (let from = 0; from < size; from += chunk) {
    const made = Array.from({ length: Math.min(chunk, size - from) }, (_, index) => documentsOf(from + index, seller.id))
    await insert(
      'credenza_product',
      'products',
      made.map(({ product }) => product),
    )
    await insert(
      'credenza_inventory',
      'stock',
      made.map(({ stock }) => stock),
    )
  }
  report(`${size} products in ${((performance.now() - began) / 1000).toFixed(1)} s`)
  // What was listed last is what is looked at most.
  const indexes = Array.from({ length: size }, (_, index) => size - 1 - index)
  return {
    base,
    products: indexes.map(productIdOf),
    variants: indexes.map(variantIdOf),
    categories,
    queries: [...queries],
    sellerToken: seller.token,
  }
}
