import { describe, expect, it } from 'vitest'
import { encodeCursor } from '../../shared/http/cursor'
import { anActor } from '../../shared/testing/factories'
import { call } from '../../shared/testing/http'
import { orderNames, pageQuery } from './catalogue'
import { aDraft, aProductWorker, aVariant } from './testing/fixtures'

let instant = Date.UTC(2026, 0, 1)
const { endpoint, deps } = aProductWorker({ now: () => instant })
const seller = anActor('seller')

type Item = { id: string; title: string; variants: { price: { amount: number } }[] }

let categories = 0
const aCategory = () => `category-${++categories}`
const price = (amount: number, currency = 'USD') => ({ price: { amount, currency } })

async function create(title: string, overrides: object = {}, actor = seller): Promise<Item> {
  instant++
  const { status, json } = await call(endpoint, 'POST', '/v1/products', { actor, body: aDraft({ title, ...overrides }) })
  expect(status).toBe(201)
  return json
}

async function list(
  query: Record<string, string | number>,
  actor?: typeof seller,
): Promise<{ titles: string[]; nextCursor: string | null }> {
  const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))
  const { status, json } = await call(endpoint, 'GET', `/v1/products?${search}`, actor ? { actor } : {})
  expect(status).toBe(200)
  return { titles: json.items.map(({ title }: Item) => title), nextCursor: json.nextCursor }
}

/** All pages of a list, with something done after each. */
async function walk(
  query: Record<string, string | number>,
  between: (page: number) => Promise<unknown> = async () => {},
): Promise<string[]> {
  const seen: string[] = []
  let cursor: string | null = null
  for (let number = 1; number < 20; number++) {
    const found: { titles: string[]; nextCursor: string | null } = await list(cursor === null ? query : { ...query, cursor })
    seen.push(...found.titles)
    if (found.nextCursor === null) return seen
    cursor = found.nextCursor
    await between(number)
  }
  throw new Error('the list has no end')
}

describe('search', () => {
  it('finds by prefixes of words in title, tags and description, ignoring case and accents', async () => {
    const category = aCategory()
    await create('Crème brûlée torch', { category, description: 'For the kitchen.', tags: ['Flambé'] })
    await create('Walnut desk', { category, description: 'A writing table of solid wood.' })
    const found = async (q: string) => (await list({ q, category })).titles
    for (const q of ['creme', 'CRÈME', 'brul', 'brulee tor', 'kitch', 'flamb', 't c b', 'c'])
      expect(await found(q), q).toEqual(['Crème brûlée torch'])
    for (const q of ['walnut', 'wal', 'walnu', 'desk wal', 'writ sol']) expect(await found(q), q).toEqual(['Walnut desk'])
    for (const q of ['walnuts', 'alnut', 'desk torch', 'wax', 'desks', '???']) expect(await found(q), q).toEqual([])
    expect((await found('t')).sort()).toEqual(['Crème brûlée torch', 'Walnut desk'])
  })

  it('matches each word of the query with the prefix of one word', async () => {
    const category = aCategory()
    await create('abcaaa abczzz', { category })
    expect((await list({ q: 'abcmmm', category })).titles).toEqual([])
    expect((await list({ q: 'abcaaa abcz', category })).titles).toEqual(['abcaaa abczzz'])
  })

  it('no longer finds a product by its old words', async () => {
    const category = aCategory()
    const { id } = await create('Ottoman', { category, description: 'Soft' })
    await call(endpoint, 'PATCH', `/v1/products/${id}`, { actor: seller, body: { title: 'Footstool' } })
    expect((await list({ q: 'ottoman', category })).titles).toEqual([])
    expect((await list({ q: 'foot', category })).titles).toEqual(['Footstool'])
  })
})

describe('filters', () => {
  it('hide products that are not on sale, but show sellers their own drafts', async () => {
    const [category, other] = [aCategory(), anActor('seller')]
    await create('On sale', { category })
    await create('Draft', { category, status: 'draft' })
    await create("Another's draft", { category, status: 'draft' }, other)
    const gone = await create('Gone', { category })
    await call(endpoint, 'DELETE', `/v1/products/${gone.id}`, { actor: seller })
    const own = { category, seller: seller.userId }
    expect((await list({ category }, seller)).titles).toEqual(['On sale'])
    expect((await list(own)).titles).toEqual(['On sale'])
    expect((await list(own, anActor('seller'))).titles).toEqual(['On sale'])
    expect((await list(own, seller)).titles).toEqual(['Draft', 'On sale'])
    expect((await list(own, anActor('admin'))).titles).toEqual(['Draft', 'On sale'])
    expect((await list({ category, seller: other.userId })).titles).toEqual([])
  })

  it('compare the lowest price of a product, both bounds included', async () => {
    const category = aCategory()
    await create('ten', { category, variants: [aVariant(price(1_000)), aVariant(price(9_000))] })
    await create('twenty', { category, variants: [aVariant(price(2_000))] })
    await create('yen', { category, variants: [aVariant(price(1_500, 'JPY'))] })
    const found = async (query: object) => (await list({ category, sort: 'price', ...query })).titles
    expect(await found({ minPrice: 1_000, maxPrice: 2_000 })).toEqual(['ten', 'yen', 'twenty'])
    expect(await found({ minPrice: 1_001, currency: 'USD' })).toEqual(['twenty'])
    expect(await found({ maxPrice: 1_999, currency: 'USD' })).toEqual(['ten'])
    expect(await found({ minPrice: 9_000 })).toEqual([])
    expect(await found({ minPrice: 0, maxPrice: 0 })).toEqual([])
  })

  it.each([
    'minPrice=-1',
    'minPrice=1.5',
    'minPrice=',
    'minPrice=2&maxPrice=1',
    'maxPrice=999999999999',
    'limit=0',
    'limit=101',
    'limit=x',
    'sort=oldest',
    'currency=XXX',
    'seller=me',
    'category=Home%20Garden',
    'cursor=nonsense',
    'cursor=',
    'q=',
    'page=2',
    `q=${'x'.repeat(201)}`,
  ])('refuse %s', async (query) => {
    const { status, json } = await call(endpoint, 'GET', `/v1/products?${query}`)
    expect([status, json.code]).toEqual([422, 'validation_failed'])
  })
})

describe('orders', () => {
  it.each([
    ['newest', ['Cherry', 'apple', 'Änne', 'banana']],
    ['price', ['apple', 'banana', 'Änne', 'Cherry']],
    ['-price', ['Cherry', 'Änne', 'banana', 'apple']],
    ['title', ['Änne', 'apple', 'banana', 'Cherry']],
  ])('sort by %s, by pages as in one list', async (sort, titles) => {
    const category = aCategory()
    await create('banana', { category, variants: [aVariant(price(200))] })
    await create('Änne', { category, variants: [aVariant(price(300))] })
    await create('apple', { category, variants: [aVariant(price(900)), aVariant(price(100))] })
    await create('Cherry', { category, variants: [aVariant(price(400))] })
    expect((await list({ category, sort })).titles).toEqual(titles)
    expect(await walk({ category, sort, limit: 1 })).toEqual(titles)
    expect(await walk({ category, sort, limit: 3 })).toEqual(titles)
  })

  it('keep their place while products are added, changed and removed between pages', async () => {
    const category = aCategory()
    const items: Item[] = []
    for (const title of ['a', 'b', 'c', 'd', 'e', 'f']) items.push(await create(title, { category }))
    const idOf = (title: string) => items.find((item) => item.title === title)?.id
    const seen = await walk({ category, limit: 2 }, async (page) => {
      if (page > 2) return
      await create(`new ${page}`, { category })
      if (page === 2) await call(endpoint, 'DELETE', `/v1/products/${idOf('b')}`, { actor: seller })
      else await call(endpoint, 'PATCH', `/v1/products/${idOf('f')}`, { actor: seller, body: { description: 'Changed' } })
    })
    expect(seen).toEqual(['f', 'e', 'd', 'c', 'a'])
  })

  it('neither repeat nor skip products of the same instant and price', async () => {
    const category = aCategory()
    const titles = ['one', 'two', 'three', 'four', 'five']
    for (const title of titles) {
      instant--
      await create(title, { category, variants: [aVariant(price(100))] })
    }
    for (const sort of orderNames) expect((await walk({ category, sort, limit: 2 })).sort(), sort).toEqual([...titles].sort())
  })

  it('refuse a cursor of another sort order', async () => {
    const category = aCategory()
    for (const title of ['a', 'b']) await create(title, { category })
    const { nextCursor } = await list({ category, limit: 1, sort: 'price' })
    const other = (sort: string, cursor: string | null) =>
      call(endpoint, 'GET', `/v1/products?category=${category}&sort=${sort}&cursor=${cursor}`)
    expect((await other('price', nextCursor)).status).toBe(200)
    for (const sort of ['newest', '-price', 'title']) expect((await other(sort, nextCursor)).status, sort).toBe(422)
    expect((await other('price', encodeCursor(['price', { $gt: 0 } as never, 'x']))).status).toBe(422)
  })
})

it('reads a search through the index on terms in every sort order', () => {
  for (const sort of orderNames) {
    const conditions = pageQuery({ q: 'walnut', sort, limit: 20 }, ['active'])
    expect(conditions?.filter.$and[0]).toEqual({ terms: 'wal' })
  }
})

it('shows a new product in lists that were cached', async () => {
  const category = aCategory()
  expect((await list({ category })).titles).toEqual([])
  await create('first', { category })
  expect((await list({ category })).titles).toEqual(['first'])
  expect(await deps.products.page({ category }, { createdAt: -1 }, 5)).toHaveLength(1)
})
