import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../../shared/contracts/errors'
import { newId } from '../../../shared/contracts/ids'
import type { Described, ProductApi } from '../../../shared/contracts/product'
import { client } from '../../../shared/runtime/rpc'
import { anEvent } from '../../../shared/testing/factories'
import { articles, articlesDigest } from './articles'
import { embedArticles, indexProduct, indexStock } from './indexing'
import { retrieval } from './retrieval'
import type { SearchIndex } from './search-index.do'
import type { Vectors } from './vector-store'

/** The products of a fake product Worker, a new index, and vectors that hold texts by source. */
function aShop({ withVectors = false } = {}) {
  const known = new Map<string, Described>()
  const held = new Map<string, string[]>()
  const product = {
    describe: async (ids: string[]) => ids.flatMap((id) => known.get(id) ?? []),
    quote: () => Promise.reject(new Error('not asked here')),
    revise: () => Promise.reject(new Error('not asked here')),
  } satisfies ProductApi
  const index = client<SearchIndex>(env.SEARCH.getByName(newId('req')))
  const vectors: Vectors = {
    put: async (source, _metadata, passages) =>
      void held.set(
        source,
        passages.map(({ text }) => text),
      ),
    query: async () => [...held].flatMap(([source, texts]) => texts.map((_text, place) => `${source}#${place}`)),
  }
  const deps = { product, index, vectors: withVectors ? vectors : null }
  const search = async (question: string, inStock = false) =>
    (await retrieval(index, deps.vectors).search(question, { kinds: ['product'], inStock }, 10)).map(({ title }) => title)
  const deliver = (version: number, productId: Described['productId']) =>
    indexProduct(
      anEvent('product.updated', productId, {
        ...{ version, change: 'updated', productId, sellerId: newId('usr'), title: '', status: 'active', variants: [] },
      }),
      deps,
    )
  const know = (facts: Partial<Described>): Described => {
    const described: Described = {
      ...{ productId: newId('prd'), version: 1, sellerId: newId('usr'), status: 'active', title: 'Walnut desk', images: [] },
      ...{ description: 'Two drawers.', category: 'furniture', tags: [], createdAt: 0 },
      variants: [{ variantId: newId('var'), sku: 'D', title: 'Large', options: { colour: 'Smoke' }, availability: 'in' }].map(
        (variant) => ({ ...variant, unitPrice: { amount: 64_900, currency: 'USD' } }),
      ) as Described['variants'],
      ...facts,
    }
    known.set(described.productId, described)
    return described
  }
  return { deps, held, known, deliver, know, search }
}

describe('a product that changed', () => {
  it('is found by the present words of its page and its variants', async () => {
    const { know, deliver, search } = aShop()
    const desk = know({ tags: ['office'] })
    await deliver(1, desk.productId)
    for (const question of ['walnut', 'drawers', 'office', 'furniture', 'large', 'smoke']) {
      expect(await search(question)).toEqual(['Walnut desk'])
    }
  })

  it('is indexed the same however often and in whatever order events arrive', async () => {
    const { know, deliver, search } = aShop()
    const desk = know({})
    for (const version of [1, 1]) await deliver(version, desk.productId)
    know({ ...desk, version: 3, title: 'Oak table' })
    for (const version of [3, 2, 1, 3]) await deliver(version, desk.productId)
    expect([await search('walnut'), await search('oak table')]).toEqual([[], ['Oak table']])
  })

  it.each(['archived', 'draft'] as const)(
    'that is %s is no longer found, and a late event does not bring it back',
    async (status) => {
      const { know, deliver, search, deps } = aShop()
      const desk = know({})
      await deliver(1, desk.productId)
      know({ ...desk, version: 3, status })
      await deliver(3, desk.productId)
      await deliver(2, desk.productId)
      const stock = { version: 9, variantId: desk.variants[0]?.variantId ?? newId('var'), productId: desk.productId }
      await indexStock(
        anEvent('stock.changed', stock.variantId, {
          ...{ ...stock, sellerId: newId('usr'), availability: 'in', previous: 'out', available: 9 },
        }),
        deps,
      )
      expect(await search('walnut desk')).toEqual([])
      know({ ...desk, version: 4 })
      await deliver(4, desk.productId)
      expect(await search('walnut desk')).toEqual(['Walnut desk'])
    },
  )

  it('changes nothing when product does not know it', async () => {
    const { deliver, search } = aShop()
    await deliver(1, newId('prd'))
    expect(await search('desk')).toEqual([])
  })

  it('is found without a description, and by the end of one of ten thousand characters', async () => {
    const { know, deliver, search } = aShop()
    const bare = know({ title: 'Bare bench', description: '', tags: [] })
    const wordy = know({
      title: 'Wordy bench',
      description: `${'Oak and more oak. '.repeat(580)} Ends with zirconium.`.slice(-10_000),
    })
    await deliver(1, bare.productId)
    await deliver(1, wordy.productId)
    expect(await search('bare')).toEqual(['Bare bench'])
    expect(await search('zirconium')).toEqual(['Wordy bench'])
  })
})

describe('stock', () => {
  it('narrows a search by the newest event', async () => {
    const { know, deliver, search, deps } = aShop()
    const desk = know({})
    await deliver(1, desk.productId)
    const variantId = desk.variants[0]?.variantId ?? newId('var')
    const change = (version: number, availability: 'in' | 'out') =>
      indexStock(
        anEvent('stock.changed', variantId, {
          ...{ version, variantId, productId: desk.productId, sellerId: desk.sellerId },
          ...{ availability, previous: 'low', available: 0 },
        }),
        deps,
      )
    expect(await search('desk', true)).toEqual(['Walnut desk'])
    await change(3, 'out')
    await change(2, 'in')
    expect([await search('desk', true), await search('desk')]).toEqual([[], ['Walnut desk']])
    await change(4, 'in')
    expect(await search('desk', true)).toEqual(['Walnut desk'])
  })
})

describe('with vectors', () => {
  it('a product is also found by meaning, and an archived one not at all', async () => {
    const { know, deliver, search, held } = aShop({ withVectors: true })
    const desk = know({})
    await deliver(1, desk.productId)
    expect(held.get(desk.productId)).toEqual(['Walnut desk\nTwo drawers.'])
    expect(await search('somewhere to write')).toEqual(['Walnut desk'])
    know({ ...desk, version: 2, status: 'archived' })
    await deliver(2, desk.productId)
    expect(held.get(desk.productId)).toEqual([])
  })

  it('a passage that only the vectors still have is not found, and filters apply to what they find', async () => {
    const { know, deliver, search, held } = aShop({ withVectors: true })
    const desk = know({})
    await deliver(1, desk.productId)
    held.set('prd_gone', ['a ghost'])
    expect(await search('a ghost')).toEqual(['Walnut desk'])
    const variants = desk.variants.map((variant) => ({ ...variant, availability: 'out' as const }))
    know({ ...desk, version: 2, variants })
    await deliver(2, desk.productId)
    expect(await search('a ghost', true)).toEqual([])
  })

  it('that are down, words are indexed, the message is retried, and search goes by words', async () => {
    const { know, deliver, search, held, deps } = aShop({ withVectors: true })
    const down = () => Promise.reject(new AppError('unavailable'))
    deps.vectors = { put: down, query: down }
    const desk = know({})
    await expect(deliver(1, desk.productId)).rejects.toMatchObject({ code: 'unavailable' })
    expect(await search('walnut')).toEqual(['Walnut desk'])
    expect(held.size).toBe(0)
  })

  it('a change that a newer one overtook is retried, so that the newest text stays', async () => {
    const { know, deliver, held, deps } = aShop({ withVectors: true })
    const desk = know({})
    const put = deps.vectors?.put
    let overtake: (() => Promise<void>) | null = async () => {
      overtake = null
      know({ ...desk, version: 2, title: 'Oak table' })
      await deliver(2, desk.productId)
    }
    deps.vectors = {
      query: async () => [],
      put: async (...asked) => {
        await overtake?.()
        await put?.(...asked)
      },
    }
    await expect(deliver(1, desk.productId)).rejects.toMatchObject({ code: 'conflict' })
    expect(held.get(desk.productId)).toEqual(['Walnut desk\nTwo drawers.'])
    await deliver(1, desk.productId)
    expect(held.get(desk.productId)).toEqual(['Oak table\nTwo drawers.'])
  })

  it('an older version that product returns too late is not embedded', async () => {
    const { know, deliver, held } = aShop({ withVectors: true })
    const desk = know({ version: 2, title: 'Oak table' })
    await deliver(2, desk.productId)
    know({ ...desk, version: 1, title: 'Walnut desk' })
    await deliver(1, desk.productId)
    expect(held.get(desk.productId)).toEqual(['Oak table\nTwo drawers.'])
  })

  it('articles are embedded once, and again when their text changed or embedding failed half-way', async () => {
    const { deps, held } = aShop({ withVectors: true })
    const { put } = deps.vectors as Vectors
    let left = 3
    const breaksOff: Vectors['put'] = (...asked) => (left-- > 0 ? put(...asked) : Promise.reject(new AppError('unavailable')))
    deps.vectors = { ...(deps.vectors as Vectors), put: breaksOff }
    await expect(embedArticles(deps)).rejects.toMatchObject({ code: 'unavailable' })
    left = Number.POSITIVE_INFINITY
    await embedArticles(deps)
    expect([...held.keys()].sort()).toEqual(articles.map(({ id }) => id).sort())
    expect(await deps.index.embedded()).toBe(articlesDigest)
    held.clear()
    await embedArticles(deps)
    expect(held.size).toBe(0)
    await deps.index.recordEmbedded('of before')
    await embedArticles(deps)
    expect(held.size).toBe(articles.length)
  })
})
