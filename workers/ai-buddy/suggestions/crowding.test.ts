import { describe, expect, it } from 'vitest'
import { newId } from '../../../shared/contracts/ids'
import type { Described } from '../../../shared/contracts/product'
import { aProduct, aSuggestingWorker, aVariant, updated } from '../testing/suggestion-fixtures'
import { factsOf } from './listing'
import { recomputeProduct, recordProductChange, sweepSuggestions } from './recompute'

const aWorker = () => {
  const worker = aSuggestingWorker()
  const { catalogue, deps } = worker
  return {
    ...worker,
    change: async (product: Described) => recordProductChange(updated(catalogue.put(product)), deps),
    of: async ({ productId }: Described) => deps.suggestions.ofProducts([productId]),
  }
}
type Worker = ReturnType<typeof aWorker>

describe('a price suggestion', () => {
  const words = { title: 'Walnut writing desk', tags: ['walnut', 'desk', 'office'] }
  const put = async ({ change }: Worker, products: readonly Described[]) => {
    for (const product of products) await change(product)
  }
  const honest = (category: string) =>
    Array.from({ length: 5 }, () => aProduct({ ...words, category, variants: [aVariant(40_000)] }))
  const priceOf = async ({ of, deps }: Worker, product: Described) => {
    await recomputeProduct(deps, product.productId)
    return (await of(product)).filter(({ kind }) => kind === 'price').map(({ proposal }) => proposal)
  }
  const shapes: [string, Partial<Described>][] = [
    ['that share one tag', { title: 'Junk', tags: ['desk'] }],
    [
      'that share two words and are not comparable',
      { title: 'One two three four five six seven eight', tags: ['desk', 'walnut'] },
    ],
    ['with the same words', { ...words }],
  ]

  it.each(shapes)('is made despite many newer products of one rival %s', async (shape, junk) => {
    const worker = aWorker()
    await worker.clear()
    const category = `crowded ${shape}`
    await put(worker, honest(category))
    const sellerId = newId('usr')
    await put(
      worker,
      Array.from({ length: 70 }, () => aProduct({ ...junk, category, sellerId, variants: [aVariant(64_900)] })),
    )
    await sweepSuggestions(worker.deps)
    await sweepSuggestions(worker.deps)
    const product = aProduct({ ...words, category })
    await worker.change(product)
    expect(await priceOf(worker, product)).toMatchObject([{ prices: [{ unitPrice: { amount: 40_000 } }] }])
  })

  it('is made despite many newer products of its own seller', async () => {
    const worker = aWorker()
    await worker.clear()
    await put(worker, honest('own'))
    const sellerId = newId('usr')
    await put(
      worker,
      Array.from({ length: 70 }, () => aProduct({ ...words, category: 'own', sellerId })),
    )
    await sweepSuggestions(worker.deps)
    await sweepSuggestions(worker.deps)
    const product = aProduct({ ...words, category: 'own', sellerId })
    await worker.change(product)
    expect(await priceOf(worker, product)).toHaveLength(1)
  })

  it('takes a bounded number of reads, however many rivals there are', async () => {
    const worker = aWorker()
    await worker.clear()
    const market = honest('bounded')
    // One rival after the other, so that each fills a page.
    const ids = Array.from({ length: 300 }, () => newId('prd')).sort()
    const rivals = Array.from({ length: 5 }, () => newId('usr'))
    const junk = ids.map((productId, at) => {
      const like = { title: 'One two three four five six seven', tags: ['desk', 'walnut'], category: 'bounded' }
      return aProduct({ productId, sellerId: rivals[Math.floor(at / 60)] ?? 'usr_', ...like })
    })
    const known = [...market, ...junk]
    await put(worker, known)
    // Their facts are all that counts here, and recomputing each of them would take most of a minute.
    const { documents, listings } = worker.deps
    await documents.batch(known.map((each) => listings.factsPlan(each.productId, each.version, factsOf(each))))
    const product = aProduct({ ...words, category: 'bounded' })
    await worker.change(product)
    let batches = 0
    const counted: typeof documents = {
      ...documents,
      batch: (planned) => {
        batches += 1
        return documents.batch(planned)
      },
    }
    await recomputeProduct({ ...worker.deps, documents: counted }, product.productId)
    expect(batches).toBe(4)
  })
})
