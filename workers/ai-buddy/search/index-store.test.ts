import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { newId, type UserId, type VariantId } from '../../../shared/contracts/ids'
import { articles } from './articles'
import { chunksOf } from './chunks'
import type { SearchFilters, Source } from './passage'
import { type Retrieval, retrieval } from './retrieval'
import type { SearchIndex } from './search-index.do'

/** A new index, and search in it by words alone. */
function anIndex() {
  const stub = env.SEARCH.getByName(newId('req'))
  const index = stub as unknown as SearchIndex
  const search: Retrieval['search'] = (...asked) => retrieval(index, null).search(...asked)
  const titles = async (question: string, filters: SearchFilters = { kinds: ['product'] }) =>
    (await search(question, filters, 10)).map(({ title }) => title)
  return { stub, index, search, titles }
}

const aSource = (
  title: string,
  { text = 'Nothing more is said.', ...facts }: Partial<Source> & { text?: string } = {},
): Source => ({
  ...{ kind: 'product', id: newId('prd'), version: 1, title, tags: [], seller: 'usr_1', category: 'furniture', currency: 'USD' },
  variants: [{ id: newId('var'), amount: 1000, availability: 'in' }],
  chunks: chunksOf(text),
  ...facts,
})

describe('search by words', () => {
  it('finds a product by words of its title, tags and text, in any form of the word', async () => {
    const { index, titles } = anIndex()
    await index.put(aSource('Walnut desks', { tags: ['office'], text: 'Two dovetailed drawers.' }))
    await index.put(aSource('Oak chair', { text: 'A cushion of wool.' }))
    for (const question of ['desk', 'DRAWER', 'for my offices?', 'wälnut'])
      expect(await titles(question)).toEqual(['Walnut desks'])
    expect(await titles('something woollen or with cushions')).toEqual(['Oak chair'])
    expect(await titles('surfboard')).toEqual([])
  })

  it('puts first what fits best, and a title with a word before a text with it', async () => {
    const { index, titles } = anIndex()
    await index.put(aSource('Oak chair', { text: 'Goes well with a walnut desk, or another table.' }))
    await index.put(aSource('Walnut desk', { text: 'Goes well with an oak chair, or another seat.' }))
    expect(await titles('walnut desk')).toEqual(['Walnut desk', 'Oak chair'])
    expect(await titles('oak chair')).toEqual(['Oak chair', 'Walnut desk'])
  })

  it('corrects only a few unknown words, so that a question full of nonsense costs no more than another', async () => {
    const { index, titles } = anIndex()
    await index.put(aSource('Walnut desk'))
    const nonsense = ['wqqqrt', 'wxxxtz', 'wzzzpk', 'wvvvbn']
    expect(await titles([...nonsense.slice(1), 'walnutt'].join(' '))).toEqual(['Walnut desk'])
    expect(await titles([...nonsense, 'walnutt'].join(' '))).toEqual([])
    expect(await titles([...nonsense, 'walnut'].join(' '))).toEqual(['Walnut desk'])
    expect(await titles('walnutwalnutwalnutdesk')).toEqual([])
  })

  it('finds a product by misspelt words and by two words written as one', async () => {
    const { index, titles } = anIndex()
    await index.put(aSource('Walnut desk'))
    await index.put(aSource('Down sleeping bag'))
    expect(await titles('wallnut')).toEqual(['Walnut desk'])
    expect(await titles('walnut dsek')).toEqual(['Walnut desk'])
    expect(await titles('sleepingbag')).toEqual(['Down sleeping bag'])
  })

  it('finds a product by a synonym, after those that have the word itself', async () => {
    const { index, titles } = anIndex()
    await index.put(aSource('Hiking trousers'))
    await index.put(aSource('Pants of linen'))
    expect(await titles('pants')).toEqual(['Pants of linen', 'Hiking trousers'])
  })

  it('treats every question as words, whatever operators it contains', async () => {
    const { index, titles } = anIndex()
    await index.put(aSource('Walnut desk'))
    const hostile = [
      'desk" OR "x',
      'title:desk NOT',
      'NEAR(desk',
      '"""',
      "desk'; DROP TABLE sources; --",
      'desk*',
      '(((',
      '\u0000desk',
      '{desk}',
    ]
    for (const question of hostile) expect([[], ['Walnut desk']]).toContainEqual(await titles(question))
    expect(await titles('desk')).toEqual(['Walnut desk'])
  })

  it('finds an article with the section that answers', async () => {
    const { search } = anIndex()
    const [first] = await search('How long does a password reset link work?', {}, 5)
    expect(first).toMatchObject({ kind: 'article', sourceId: 'passwords', section: 'I forgot my password' })
    expect(first?.text).toContain('30 minutes')
  })
})

describe('a filter', () => {
  const variant = (amount: number, availability: 'in' | 'low' | 'out' = 'in') => ({ id: newId('var'), amount, availability })
  async function aShop() {
    const shop = anIndex()
    await shop.index.put(aSource('Cheap desk', { variants: [variant(1000)], seller: 'usr_a' }))
    await shop.index.put(aSource('Dear desk', { variants: [variant(9000, 'low')], seller: 'usr_b' }))
    await shop.index.put(aSource('Mixed desk', { variants: [variant(1000, 'out'), variant(9000)], category: 'office' }))
    await shop.index.put(aSource('Yen desk', { variants: [variant(1000)], currency: 'JPY', category: 'office' }))
    return shop
  }
  it.each<[string, SearchFilters, string[]]>([
    ['category', { category: 'office' }, ['Mixed desk', 'Yen desk']],
    ['seller', { sellerId: 'usr_b' as UserId }, ['Dear desk']],
    ['lowest price', { minPrice: 9000, currency: 'USD' }, ['Dear desk', 'Mixed desk']],
    ['highest price', { maxPrice: 1000, currency: 'USD' }, ['Cheap desk', 'Mixed desk']],
    ['a range of prices that contains no variant', { minPrice: 1001, maxPrice: 8999 }, []],
    ['stock', { inStock: true }, ['Cheap desk', 'Dear desk', 'Mixed desk', 'Yen desk']],
    [
      'stock and price, which one variant must satisfy together',
      { inStock: true, maxPrice: 1000, currency: 'USD' },
      ['Cheap desk'],
    ],
    ['several at once', { category: 'office', currency: 'JPY', maxPrice: 1000, inStock: true }, ['Yen desk']],
    ['hostile text', { category: "office' OR 1=1 --" }, []],
  ])('by %s', async (_name, filters, expected) => {
    const { titles } = await aShop()
    expect((await titles('desk', { ...filters, kinds: ['product'] })).sort()).toEqual(expected)
  })

  it('for products does not apply to articles', async () => {
    const { search } = await aShop()
    const found = await search('refund of a desk', { category: 'office' }, 10)
    expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['product', 'article']))
    expect((await search('refund of a desk', { kinds: ['article'] }, 10)).every(({ kind }) => kind === 'article')).toBe(true)
  })
})

describe('a source', () => {
  it('replaces its earlier version, and an older version changes nothing', async () => {
    const { index, titles } = anIndex()
    const desk = aSource('Walnut desk', { version: 2 })
    expect(await index.put(desk)).toBe(true)
    expect(await index.put({ ...desk, version: 3, title: 'Oak table' })).toBe(true)
    expect(await index.put(desk)).toBe(false)
    expect([await titles('walnut desk'), await titles('oak table')]).toEqual([[], ['Oak table']])
    expect(await index.versionOf(desk.id)).toBe(3)
  })

  it('without chunks is no longer found, and an older version does not bring it back', async () => {
    const { index, titles } = anIndex()
    const desk = aSource('Walnut desk')
    await index.put(desk)
    await index.put({ ...desk, version: 3, chunks: [] })
    expect(await index.put({ ...desk, version: 2 })).toBe(false)
    expect(await titles('walnut desk wallnut')).toEqual([])
    expect(await index.put({ ...desk, version: 4 })).toBe(true)
    expect(await titles('walnut desk')).toEqual(['Walnut desk'])
  })

  it('leaves no rows of its earlier versions behind', async () => {
    const { stub, index } = anIndex()
    const desk = aSource('Walnut desk', { text: 'Long. '.repeat(900) })
    for (const version of [1, 2, 2, 3]) await index.put({ ...desk, version })
    await index.put({ ...desk, version: 4, chunks: [], variants: [] })
    const counts = await runInDurableObject(stub, (_index, { storage }) =>
      ['chunks', 'passages', 'spellings', 'prices'].map(
        (table) => storage.sql.exec(`SELECT COUNT(*) AS n FROM ${table}`).one().n,
      ),
    )
    expect(counts).toEqual([0, 0, 0, 0])
  })

  it('is still found after the object was evicted', async () => {
    const { stub, index, titles } = anIndex()
    await index.put(aSource('Walnut desk'))
    await evictDurableObject(stub)
    expect(await titles('walnut')).toEqual(['Walnut desk'])
  })
})

describe('stock', () => {
  it('is that of the newest event, in whatever order events arrive', async () => {
    const { index, titles } = anIndex()
    const variantId = newId('var')
    const isFound = async () => (await titles('desk', { kinds: ['product'], inStock: true })).length === 1
    await index.recordStock(variantId, 'out', 5)
    const desk = aSource('Desk', { variants: [{ id: variantId, amount: 1, availability: 'in' }] })
    await index.put(desk)
    expect(await isFound()).toBe(false)
    await index.recordStock(variantId, 'in', 4)
    expect(await isFound()).toBe(false)
    await index.recordStock(variantId, 'low', 6)
    expect(await isFound()).toBe(true)
    await index.put({ ...desk, variants: [{ id: variantId, amount: 1, availability: 'out' }] })
    expect(await isFound()).toBe(true)
  })

  it("is that of the product's page until there is an event", async () => {
    const { index, titles } = anIndex()
    const desk = aSource('Desk', { variants: [{ id: 'var_1' as VariantId, amount: 1, availability: 'out' }] })
    await index.put(desk)
    expect(await titles('desk', { inStock: true, kinds: ['product'] })).toEqual([])
    await index.put({ ...desk, variants: [{ id: 'var_1' as VariantId, amount: 1, availability: 'in' }] })
    expect(await titles('desk', { inStock: true, kinds: ['product'] })).toEqual(['Desk'])
  })
})

describe('articles', () => {
  it('are those of the running code: others are removed, changed ones replaced', async () => {
    const { stub, index, search } = anIndex()
    await search('refund', {}, 1)
    await runInDurableObject(stub, (_index, { storage }) => void storage.sql.exec("UPDATE digests SET digest = 'of before'"))
    await index.put(aSource('Refunds of before', { kind: 'article', id: 'before' }))
    await index.put(aSource('An older text', { kind: 'article', id: 'refunds' }))
    const found = await search('refunds of before, an older text', { kinds: ['article'] }, 100)
    expect(found.map(({ title }) => title)).toContain('Refunds')
    expect(found.map(({ title }) => title)).not.toContain('Refunds of before')
    expect(found.map(({ title }) => title)).not.toContain('An older text')
  })

  it('are loaded once', async () => {
    const { stub, search } = anIndex()
    const highest = () =>
      runInDurableObject(stub, (_index, { storage }) => storage.sql.exec('SELECT MAX(id) AS id FROM chunks').one().id)
    await search('refund', {}, 1)
    const before = await highest()
    await evictDurableObject(stub)
    await search('refund', {}, 1)
    expect(await highest()).toBe(before)
    expect(articles.length).toBeGreaterThanOrEqual(26)
  })
})
