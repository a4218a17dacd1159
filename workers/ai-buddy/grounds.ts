import type { AnyResult, Results } from '../../shared/contracts/data'
import type { ProductId, VariantId } from '../../shared/contracts/ids'
import type { Level } from '../../shared/contracts/inventory'
import type { Described } from '../../shared/contracts/product'
import type { Deps } from './deps'
import { type Facts, factsOf, type Listing } from './listing'
import { type Comparable, judgePrice } from './pricing'
import { judgeListing } from './quality'
import { judgeStock, sellingOf } from './restocking'
import type { Verdict } from './verdict'

/** Variants whose levels inventory is asked for at once: a page of products with a hundred each takes three of the calls that one run may make. */
const levelsAtOnce = 2_000

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
  const results: readonly AnyResult[] = await documents.batch([
    ...products.map(({ product, facts }) => listings.learning(product.productId, product.version, facts)),
    sales.summing(onSaleIds, now()),
    ...onSale.map(({ id, facts }) => listings.comparing(id, facts)),
    ...categories.map((category) => listings.tagging(category)),
  ])
  const isNewest = (at: number) => (results[at] as Results['updateOne']).matchedCount === 1
  const [sums = [], ...lists] = results.slice(products.length).map((result) => (result as Results['find']).documents)
  const units = new Map(sums.map((sum): [VariantId, number] => [sum._id, sum.units]))
  const others = new Map(onSaleIds.map((id, at) => [id, listings.compared(lists[at] ?? [])]))
  return {
    seen: new Map(
      products
        .filter((_each, at) => isNewest(at))
        .map((each) => [each.product.productId, { ...each, others: others.get(each.product.productId) ?? [] }]),
    ),
    tagsOf: new Map(categories.map((category, at) => [category, listings.tags(lists[onSale.length + at] ?? [])])),
    units,
    levels: await levelsOf(deps, sellingOf(described, units)),
  }
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
