import { afterAll, beforeAll, expect, it } from 'vitest'
import { startConstellation } from '../shared/testing/e2e/harness'
import { demoAccounts, demoPassword, seed } from './seed.ts'
import { api } from './support/api.ts'

type Constellation = Awaited<ReturnType<typeof startConstellation>>
type Variant = { availability: string; price: { currency: string }; options: Record<string, string> }
let constellation: Constellation
let base: string

beforeAll(async () => {
  constellation = await startConstellation()
  base = constellation.url.origin
})
afterAll(() => constellation.close())

/** Every product that a stranger sees, all pages. */
async function products() {
  const found: { title: string; category: string; sellerId: string; variants: Variant[] }[] = []
  let cursor: string | null = null
  do {
    const { json } = await api(base, 'GET', `/v1/products?limit=50${cursor ? `&cursor=${cursor}` : ''}`)
    found.push(...json.items)
    cursor = json.nextCursor
  } while (cursor)
  return found
}

it('fills an empty marketplace once: 7 sellers, 71 products in 10 categories and 5 currencies, 3 demo accounts', async () => {
  const lines: string[] = []
  expect(await seed(base, (line) => lines.push(line))).toEqual({ products: 71 })
  expect(lines).toEqual(['seeded 7 sellers with 71 products'])
  const found = await products()
  expect(new Set(found.map(({ title }) => title)).size).toBe(71)
  expect(new Set(found.map(({ category }) => category)).size).toBe(10)
  expect(new Set(found.map(({ sellerId }) => sellerId)).size).toBe(7)
  expect(new Set(found.flatMap(({ variants }) => variants.map(({ availability }) => availability)))).toEqual(
    new Set(['in', 'low', 'out']),
  )
  const variants = found.flatMap((product) => product.variants)
  expect(new Set(variants.map(({ price }) => price.currency))).toEqual(new Set(['USD', 'EUR', 'JPY', 'INR', 'GBP']))
  const kinds = new Set(variants.flatMap(({ options }) => Object.keys(options)))
  for (const kind of ['colour', 'size', 'material', 'capacity', 'language']) expect(kinds).toContain(kind)
  const roles = await Promise.all(
    demoAccounts.map(
      async (email) => (await api(base, 'POST', '/v1/auth/login', { body: { email, password: demoPassword } })).json.user.role,
    ),
  )
  expect(roles).toEqual(['buyer', 'seller', 'admin'])

  expect(await seed(base, () => {})).toEqual({ products: 0 })
  expect(await products()).toHaveLength(71)
})

it('is the only way to an admin: registering as one is refused', async () => {
  const body = { email: 'a@example.com', password: demoPassword, name: 'A', role: 'admin' }
  expect((await api(base, 'POST', '/v1/auth/register', { body, expect: [422] })).json.code).toBe('validation_failed')
})
