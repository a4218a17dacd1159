import type { AnyResult, Results } from '../../../shared/contracts/data'
import type { Instant, ProductId, VariantId } from '../../../shared/contracts/ids'
import type { InventoryApi, Level } from '../../../shared/contracts/inventory'
import type { Described } from '../../../shared/contracts/product'
import type { Documents } from '../../../shared/storage/documents'
import type { Evidence } from './evidence'
import { type Facts, factsOf } from './listing'
import { type ListingRepo, similarPageSize } from './listing-repo'
import { type Comparable, saturatedSellers } from './pricing'
import { sellingOf } from './restocking'
import type { SalesRepo } from './sales-repo'

/** Variants whose levels are asked for at once: a page of products with a hundred each takes three of the calls that one run may make. */
const levelsAtOnce = 2_000
/** Pages of similar listings that are read of each product, so that a run makes a bounded number of calls. */
const similarPages = 4

export type EvidenceNeeds = {
  documents: Pick<Documents, 'batch'>
  listings: Pick<ListingRepo, 'factsPlan' | 'similarPlan' | 'similarIn' | 'tagsPlan' | 'tagsIn'>
  sales: Pick<SalesRepo, 'totalsPlan'>
  inventory: Pick<InventoryApi, 'levels'>
  now(): Instant
}

/** Records the facts of products before it reads what they are compared with, so that products of one page are compared with each other too. */
export async function gatherEvidence(deps: EvidenceNeeds, described: readonly Described[]): Promise<Evidence> {
  const { documents, listings, sales, now } = deps
  const products = described.map((product) => ({ product, facts: factsOf(product) }))
  const onSale = products.flatMap(({ product, facts }) => (facts ? [{ id: product.productId, facts }] : []))
  const categories = [...new Set(onSale.map(({ facts }) => facts.category))]
  const onSaleIds = onSale.map(({ id }) => id)
  const compared = onSale.flatMap(({ id, facts }) =>
    facts.words.length < 2 ? [] : { id, facts, plan: listings.similarPlan(facts, null, []) },
  )
  const results: readonly AnyResult[] = await documents.batch([
    ...products.map(({ product, facts }) => listings.factsPlan(product.productId, product.version, facts)),
    sales.totalsPlan(onSaleIds, now()),
    ...compared.map(({ plan }) => plan),
    ...categories.map((category) => listings.tagsPlan(category)),
  ])
  const isNewest = (at: number) => (results[at] as Results['updateOne']).matchedCount === 1
  const [totals = [], ...lists] = results.slice(products.length).map((result) => (result as Results['find']).documents)
  const units = new Map(totals.map((total): [VariantId, number] => [total._id, total.units]))
  const firstPages = compared.map(({ id, facts }, at) => ({ id, facts, page: listings.similarIn(lists[at] ?? []) }))
  const others = await similarTo(deps, firstPages)
  return {
    products: new Map(
      products
        .filter((_each, at) => isNewest(at))
        .map((each) => [each.product.productId, { ...each, others: others.get(each.product.productId) ?? [] }]),
    ),
    tagsOf: new Map(categories.map((category, at) => [category, listings.tagsIn(lists[compared.length + at] ?? [])])),
    units,
    levels: await levelsOf(deps, sellingOf(described, units)),
  }
}

/**
 * The listings that products may be compared with: their first pages, and while a page is full and has too few comparables, further pages
 * without the sellers who have enough of them, for all products in one round trip. So no seller with many listings crowds out the others.
 */
async function similarTo(
  { documents, listings }: Pick<EvidenceNeeds, 'documents' | 'listings'>,
  firstPages: readonly { id: ProductId; facts: Facts; page: readonly Comparable[] }[],
): Promise<Map<ProductId, readonly Comparable[]>> {
  const similar = new Map(firstPages.map(({ id, page }) => [id, page]))
  let open = firstPages
  for (let page = 1; page < similarPages; page++) {
    const further = open.flatMap(({ id, facts, page: last }) => {
      const without = last.length < similarPageSize ? null : saturatedSellers(facts, similar.get(id) ?? [])
      return without ? { id, facts, plan: listings.similarPlan(facts, last.at(-1)?._id ?? null, without) } : []
    })
    if (further.length === 0) break
    const results = await documents.batch(further.map(({ plan }) => plan))
    open = further.map(({ id, facts }, at) => ({ id, facts, page: listings.similarIn(results[at]?.documents ?? []) }))
    for (const { id, page: found } of open) similar.set(id, [...(similar.get(id) ?? []), ...found])
  }
  return similar
}

async function levelsOf(
  { inventory }: Pick<EvidenceNeeds, 'inventory'>,
  variantIds: readonly VariantId[],
): Promise<Evidence['levels']> {
  const levels: Level[] = []
  for (let at = 0; at < variantIds.length; at += levelsAtOnce)
    levels.push(...(await inventory.levels(variantIds.slice(at, at + levelsAtOnce))))
  return new Map(levels.map((level) => [level.variantId, level]))
}
