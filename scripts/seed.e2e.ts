import { afterAll, beforeAll, expect, it } from 'vitest'
import { startConstellation } from '../shared/testing/e2e/harness'
import { sellers } from './seed/catalogue.ts'
import { demoAccounts, demoPassword, seed, seedSeller } from './seed.ts'
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
  const found: { title: string; category: string; sellerId: string; images: string[]; variants: Variant[] }[] = []
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

/** The daily figures of the last 90 days on a dashboard, and those of the whole period. */
async function dashboardOf(email: string) {
  const { json } = await api(base, 'POST', '/v1/auth/login', { body: { email, password: demoPassword } })
  const token: string = json.accessToken
  const from = new Date(Date.now() - 89 * 86_400_000).toISOString().slice(0, 10)
  const read = async (path: string) => (await api(base, 'GET', `/v1/seller/dashboard${path}from=${from}`, { token })).json
  const [overview, sales, top] = await Promise.all([read('?'), read('/sales?bucket=day&'), read('/top-products?')])
  const days: { gross: number; refunded: number; orders: number; views: number }[] = sales.items
  const figure = (name: string): number => overview.figures[name].current
  return { currency: overview.currency, days, figure, top: top.items as { title: string | null; gross: number }[] }
}

it('fills the dashboards with 90 days of orders, refunds and views', async () => {
  const { currency, days, figure, top } = await dashboardOf('seller@example.com')
  expect([currency, days.length]).toEqual(['USD', 90])
  expect(days.filter(({ orders }) => orders > 0).length).toBeGreaterThan(80)
  expect(days.filter(({ views }) => views > 0).length).toBeGreaterThan(80)
  expect(days.filter(({ refunded }) => refunded > 0).length).toBeGreaterThan(20)
  for (const name of ['gross', 'refunded', 'orders', 'views'] as const)
    expect(days.reduce((sum, day) => sum + day[name], 0)).toBe(figure(name))
  for (const name of ['cancelRate', 'refundRate', 'timeToShipP50', 'conversion']) expect(figure(name)).toBeGreaterThan(0)
  expect(top.length).toBe(20)
  expect(top.filter(({ title, gross }) => title === null || gross <= 0)).toEqual([])

  const others = await Promise.all(['kitchen@example.com', 'outdoor@example.com'].map(dashboardOf))
  const marketplace = await dashboardOf('operator@example.com')
  expect(marketplace.figure('gross')).toBe(
    [figure('gross'), ...others.map((each) => each.figure('gross'))].reduce((a, b) => a + b),
  )
  expect((await dashboardOf('stationery@example.com')).currency).toBe('JPY')
})

it('counts a history once: a run that was cut off before its end is finished, and changes no figure', async () => {
  const before = await dashboardOf('seller@example.com')
  const seller = sellers.find(({ email }) => email === 'seller@example.com')
  if (seller === undefined) throw new Error('the demo seller is not in the seed')
  expect(await seedSeller(base, seller, sellers.indexOf(seller))).toBe(0)
  const after = await dashboardOf('seller@example.com')
  // What was to come today when it was seeded may have come since.
  expect(after.days.slice(0, -2)).toEqual(before.days.slice(0, -2))
})

it('gives every product pictures, which the local run draws itself', async () => {
  const pictures = (await products()).flatMap(({ images }) => images)
  expect(new Set(pictures).size).toBe(2 * 71)
  const answers = await Promise.all(pictures.slice(0, 10).map((url) => fetch(url)))
  for (const answer of answers) {
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/svg+xml'])
    expect(await answer.text()).toMatch(/^<svg /)
  }
  expect(new URL(pictures[0] ?? '').origin).toBe(base)
})

it('is the only way to an admin: registering as one is refused', async () => {
  const body = { email: 'a@example.com', password: demoPassword, name: 'A', role: 'admin' }
  expect((await api(base, 'POST', '/v1/auth/register', { body, expect: [422] })).json.code).toBe('validation_failed')
})
