import type { AnyResult, Results } from '../../../shared/contracts/data'
import type { ProductId, VariantId } from '../../../shared/contracts/ids'
import type { Level } from '../../../shared/contracts/inventory'
import type { Described } from '../../../shared/contracts/product'
import type { Deps } from '../deps'
import type { Verdict } from './finding'
import { type Facts, factsOf, type Listing } from './listing'
import { judgeListing } from './listing-quality'
import { type Comparable, judgePrice, sellersDone } from './pricing'
import { candidates } from './repo'
import { judgeStock, sellingOf } from './restocking'

/** Variants whose levels inventory is asked for at once: a page of products with a hundred each takes three of the calls that one run may make. */
const levelsAtOnce = 2_000
/** Pages of what a product is compared with: a few calls for all that are looked at together. */
const pagesOfOthers = 4

/** A product as it is now; `facts` are null unless it is on sale. `others` share words with it. */
export type Seen = { product: Described; facts: Facts | null; others: readonly Comparable[] }

/** What the verdicts on a page of products rest on. */
export type Grounds = {
  /** Those of which nobody has read anything newer. */
  seen: ReadonlyMap<ProductId, Seen>
  tagsOf: ReadonlyMap<string, readonly string[]>
  units: ReadonlyMap<VariantId, number>
  levels: ReadonlyMap<VariantId, Level>
}

/** Notes what products are, then reads what they are compared with: those of one page are compared with each other as well. */
export async function groundsOf(deps: Deps, described: readonly Described[]): Promise<Grounds> {
  const { documents, listings, sales, now } = deps
  const products = described.map((product) => ({ product, facts: factsOf(product) }))
  const onSale = products.flatMap(({ product, facts }) => (facts ? [{ id: product.productId, facts }] : []))
  const categories = [...new Set(onSale.map(({ facts }) => facts.category))]
  const onSaleIds = onSale.map(({ id }) => id)
  const comparing = onSale.flatMap(({ id, facts }) =>
    facts.words.length < 2 ? [] : { id, facts, plan: listings.comparing(facts, null, []) },
  )
  const results: readonly AnyResult[] = await documents.batch([
    ...products.map(({ product, facts }) => listings.learning(product.productId, product.version, facts)),
    sales.summing(onSaleIds, now()),
    ...comparing.map(({ plan }) => plan),
    ...categories.map((category) => listings.tagging(category)),
  ])
  const isNewest = (at: number) => (results[at] as Results['updateOne']).matchedCount === 1
  const [sums = [], ...lists] = results.slice(products.length).map((result) => (result as Results['find']).documents)
  const units = new Map(sums.map((sum): [VariantId, number] => [sum._id, sum.units]))
  const first = comparing.map(({ id, facts }, at) => ({ id, facts, page: listings.compared(lists[at] ?? []) }))
  const others = await comparablesOf(deps, first)
  return {
    seen: new Map(
      products
        .filter((_each, at) => isNewest(at))
        .map((each) => [each.product.productId, { ...each, others: others.get(each.product.productId) ?? [] }]),
    ),
    tagsOf: new Map(categories.map((category, at) => [category, listings.tags(lists[comparing.length + at] ?? [])])),
    units,
    levels: await levelsOf(deps, sellingOf(described, units)),
  }
}

/**
 * What products are compared with: the page that was read of each, and while a page is full and too little in it counts, further ones
 * without the sellers who have their share, for all products in one round trip. So nobody who lists much crowds out what others sell.
 */
async function comparablesOf(
  { documents, listings }: Deps,
  first: readonly { id: ProductId; facts: Facts; page: readonly Comparable[] }[],
): Promise<Map<ProductId, readonly Comparable[]>> {
  const others = new Map(first.map(({ id, page }) => [id, page]))
  let open = first
  for (let page = 1; page < pagesOfOthers; page++) {
    const further = open.flatMap(({ id, facts, page: last }) => {
      const without = last.length < candidates ? null : sellersDone(facts, others.get(id) ?? [])
      return without ? { id, facts, plan: listings.comparing(facts, last.at(-1)?._id ?? null, without) } : []
    })
    if (further.length === 0) break
    const results = await documents.batch(further.map(({ plan }) => plan))
    open = further.map(({ id, facts }, at) => ({ id, facts, page: listings.compared(results[at]?.documents ?? []) }))
    for (const { id, page: found } of open) others.set(id, [...(others.get(id) ?? []), ...found])
  }
  return others
}

async function levelsOf({ inventory }: Deps, variantIds: readonly VariantId[]): Promise<Grounds['levels']> {
  const levels: Level[] = []
  for (let at = 0; at < variantIds.length; at += levelsAtOnce)
    levels.push(...(await inventory.levels(variantIds.slice(at, at + levelsAtOnce))))
  return new Map(levels.map((level) => [level.variantId, level]))
}

/** What every rule says of a product that is on sale. */
export function verdictsOn(
  { product, others }: Seen,
  facts: Facts,
  listing: Pick<Listing, 'recovered'>,
  { units, levels, tagsOf }: Grounds,
): Verdict[] {
  return [
    judgePrice(product, facts, others),
    ...product.variants.map((variant) =>
      judgeStock(listing, variant, units.get(variant.variantId) ?? 0, levels.get(variant.variantId)),
    ),
    ...judgeListing(product, tagsOf.get(facts.category) ?? []),
  ]
}
