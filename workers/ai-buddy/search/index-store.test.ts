import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { newId, type UserId, type VariantId } from '../../../shared/contracts/ids'
import { articles } from './articles'
import { chunksOf } from './chunks'
import type { Source } from './index-store'
import { type Retrieval, retrieval, type SearchFilters } from './retrieval'
import type { SearchIndex } from './search-index.do'

/** An index of its own, and search in it by words alone. */
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
  it('finds by title, tag, text and heading, in any form of the word', async () => {
    const { index, titles } = anIndex()
    await index.put(aSource('Walnut desks', { tags: ['office'], text: 'Two dovetailed drawers.' }))
    await index.put(aSource('Oak chair', { text: 'A cushion of wool.' }))
    for (const question of ['desk', 'DRAWER', 'for my offices?', 'wälnut'])
      expect(await titles(question)).toEqual(['Walnut desks'])
    expect(await titles('something woollen or with cushions')).toEqual(['Oak chair'])
    expect(await titles('surfboard')).toEqual([])
  })

  it('has first what fits best, and what is in the title before what is in the text', async () => {
    const { index, titles } = anIndex()
    await index.put(aSource('Oak chair', { text: 'Goes well with a walnut desk, or another table.' }))
    await index.put(aSource('Walnut desk', { text: 'Goes well with an oak chair, or another seat.' }))
    expect(await titles('walnut desk')).toEqual(['Walnut desk', 'Oak chair'])
    expect(await titles('oak chair')).toEqual(['Oak chair', 'Walnut desk'])
  })

  it('asks of few words what they were meant to be, so that a question of nothing but nonsense costs no more than any', async () => {
    const { index, titles } = anIndex()
    await index.put(aSource('Walnut desk'))
    const nonsense = ['wqqqrt', 'wxxxtz', 'wzzzpk', 'wvvvbn']
    expect(await titles([...nonsense.slice(1), 'walnutt'].join(' '))).toEqual(['Walnut desk'])
    expect(await titles([...nonsense, 'walnutt'].join(' '))).toEqual([])
    expect(await titles([...nonsense, 'walnut'].join(' '))).toEqual(['Walnut desk'])
    expect(await titles('walnutwalnutwalnutdesk')).toEqual([])
  })

  it('finds what is misspelt, or written as one word', async () => {
    const { index, titles } = anIndex()
    await index.put(aSource('Walnut desk'))
    await index.put(aSource('Down sleeping bag'))
    expect(await titles('wallnut')).toEqual(['Walnut desk'])
    expect(await titles('walnut dsek')).toEqual(['Walnut desk'])
    expect(await titles('sleepingbag')).toEqual(['Down sleeping bag'])
  })

  it('finds what is called otherwise, after what is called so', async () => {
    const { index, titles } = anIndex()
    await index.put(aSource('Hiking trousers'))
    await index.put(aSource('Pants of linen'))
    expect(await titles('pants')).toEqual(['Pants of linen', 'Hiking trousers'])
  })

  it('takes any question for words', async () => {
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

  it('finds articles, with the section that answers', async () => {
    const { search } = anIndex()
    const [first] = await search('How long does a password reset link work?', {}, 5)
    expect(first).toMatchObject({ kind: 'article', sourceId: 'passwords', section: 'I forgot my password' })
    expect(first?.text).toContain('30 minutes')
  })
})

describe('filters', () => {
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
    ['a category', { category: 'office' }, ['Mixed desk', 'Yen desk']],
    ['a seller', { sellerId: 'usr_b' as UserId }, ['Dear desk']],
    ['the least price', { minPrice: 9000, currency: 'USD' }, ['Dear desk', 'Mixed desk']],
    ['the highest price', { maxPrice: 1000, currency: 'USD' }, ['Cheap desk', 'Mixed desk']],
    ['a range of prices that no variant is in', { minPrice: 1001, maxPrice: 8999 }, []],
    ['what is in stock', { inStock: true }, ['Cheap desk', 'Dear desk', 'Mixed desk', 'Yen desk']],
    ['in stock at that price, which must be one variant', { inStock: true, maxPrice: 1000, currency: 'USD' }, ['Cheap desk']],
    ['several at once', { category: 'office', currency: 'JPY', maxPrice: 1000, inStock: true }, ['Yen desk']],
    ['hostile text', { category: "office' OR 1=1 --" }, []],
  ])('%s', async (_name, filters, expected) => {
    const { titles } = await aShop()
    expect((await titles('desk', { ...filters, kinds: ['product'] })).sort()).toEqual(expected)
  })

  it('for products leave articles as they are', async () => {
    const { search } = await aShop()
    const found = await search('refund of a desk', { category: 'office' }, 10)
    expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['product', 'article']))
    expect((await search('refund of a desk', { kinds: ['article'] }, 10)).every(({ kind }) => kind === 'article')).toBe(true)
  })
})

describe('what is put in', () => {
  it('replaces what was there of it, and an older version changes nothing', async () => {
    const { index, titles } = anIndex()
    const desk = aSource('Walnut desk', { version: 2 })
    expect(await index.put(desk)).toBe(true)
    expect(await index.put({ ...desk, version: 3, title: 'Oak table' })).toBe(true)
    expect(await index.put(desk)).toBe(false)
    expect([await titles('walnut desk'), await titles('oak table')]).toEqual([[], ['Oak table']])
    expect(await index.versionOf(desk.id)).toBe(3)
  })

  it('is gone without passages, and does not come back by something older', async () => {
    const { index, titles } = anIndex()
    const desk = aSource('Walnut desk')
    await index.put(desk)
    await index.put({ ...desk, version: 3, chunks: [] })
    expect(await index.put({ ...desk, version: 2 })).toBe(false)
    expect(await titles('walnut desk wallnut')).toEqual([])
    expect(await index.put({ ...desk, version: 4 })).toBe(true)
    expect(await titles('walnut desk')).toEqual(['Walnut desk'])
  })

  it('leaves no row behind of what was there before', async () => {
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

  it('is there when the object wakes up', async () => {
    const { stub, index, titles } = anIndex()
    await index.put(aSource('Walnut desk'))
    await evictDurableObject(stub)
    expect(await titles('walnut')).toEqual(['Walnut desk'])
  })
})

describe('stock', () => {
  it('is what the newest news said, in whatever order it comes', async () => {
    const { index, titles } = anIndex()
    const variantId = newId('var')
    const isFound = async () => (await titles('desk', { kinds: ['product'], inStock: true })).length === 1
    await index.noteStock(variantId, 'out', 5)
    const desk = aSource('Desk', { variants: [{ id: variantId, amount: 1, availability: 'in' }] })
    await index.put(desk)
    expect(await isFound()).toBe(false)
    await index.noteStock(variantId, 'in', 4)
    expect(await isFound()).toBe(false)
    await index.noteStock(variantId, 'low', 6)
    expect(await isFound()).toBe(true)
    await index.put({ ...desk, variants: [{ id: variantId, amount: 1, availability: 'out' }] })
    expect(await isFound()).toBe(true)
  })

  it('is what the page says until there is news', async () => {
    const { index, titles } = anIndex()
    const desk = aSource('Desk', { variants: [{ id: 'var_1' as VariantId, amount: 1, availability: 'out' }] })
    await index.put(desk)
    expect(await titles('desk', { inStock: true, kinds: ['product'] })).toEqual([])
    await index.put({ ...desk, variants: [{ id: 'var_1' as VariantId, amount: 1, availability: 'in' }] })
    expect(await titles('desk', { inStock: true, kinds: ['product'] })).toEqual(['Desk'])
  })
})

describe('articles', () => {
  it('are those that the code carries: others go, changed ones are replaced', async () => {
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

  it('are taken in once', async () => {
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
