import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { formatMoney, type Money } from '../../shared/contracts/money'
import { sellers } from '../seed/catalogue.ts'
import { demoPassword } from '../seed.ts'
import { api } from '../support/api.ts'
import { root } from '../support/configs.ts'
import type { GroundTruth, GroundTruthById } from './judge.ts'

type Variant = { id: string; title: string | null; price: Money }
type Product = { id: string; title: string; description: string; variants: Variant[] }

/** What is true of everything that any user may be shown: products as catalogue and inventory have them, articles as their files say. */
export async function publicGroundTruth(base: string): Promise<GroundTruthById> {
  const products = await Promise.all(sellers.map(({ email }) => groundTruthOfSeller(base, email)))
  return new Map([...products.flat(), ...articles()])
}

async function groundTruthOfSeller(base: string, email: string): Promise<[string, GroundTruth][]> {
  const { json } = await api(base, 'POST', '/v1/auth/login', { body: { email, password: demoPassword } })
  const token: string = json.accessToken
  const page = await api(base, 'GET', `/v1/products?seller=${json.user.id}&limit=100`, { token })
  return Promise.all((page.json.items as Product[]).map((product) => groundTruthOf(base, token, product)))
}

async function groundTruthOf(
  base: string,
  token: string,
  { id, title, description, variants }: Product,
): Promise<[string, GroundTruth]> {
  const known = await Promise.all(
    variants.map(async (variant) => {
      const { json } = await api(base, 'GET', `/v1/inventory/${variant.id}`, { token })
      const available: number = json.available
      const availability = available <= 0 ? 'out' : available <= json.lowStockThreshold ? 'low' : 'in'
      return { ...variant, available, availability }
    }),
  )
  const names = known.map(({ title: choice }) => (choice === null ? title : `${title}, ${choice}`))
  // A price as people read it, since not every currency has two digits.
  const prices = known.map(({ price }) => formatMoney(price))
  const text = [title, description, ...names, ...prices, ...known.map(({ available }) => String(available))]
  return [
    `product:${id}`,
    {
      text: text.join('\n'),
      prices: known.map(({ price }) => price.amount),
      variants: new Map(
        known.map(({ id: variantId, price, availability, available }) => [
          variantId,
          { price: price.amount, availability, available },
        ]),
      ),
    },
  ]
}

const articles = (): [string, GroundTruth][] =>
  globSync('workers/ai-buddy/search/articles/*.md', { cwd: root }).map((path) => [
    `article:${basename(path, '.md')}`,
    { text: readFileSync(join(root, path), 'utf8'), prices: [], variants: new Map() },
  ])

/** What is true of a shopper's own orders and cart. */
export async function ownGroundTruth(base: string, token: string): Promise<GroundTruthById> {
  const [orders, cart] = await Promise.all([api(base, 'GET', '/v1/orders', { token }), api(base, 'GET', '/v1/cart', { token })])
  const truth = (of: unknown): GroundTruth => ({
    // Answers have dates in words: their parts are numbers, too.
    text: JSON.stringify(of).replaceAll(/(\d{4})-0?(\d+)-0?(\d+)T/g, '$1 $2 $3 '),
    prices: [...JSON.stringify(of).matchAll(/"amount":(\d+)/g)].map(([, amount]) => Number(amount)),
    variants: new Map(),
  })
  return new Map([
    ...(orders.json.items as { id: string }[]).map((order) => [`order:${order.id}`, truth(order)] as const),
    [`cart:${cart.json.id}`, truth(cart.json)],
  ])
}
