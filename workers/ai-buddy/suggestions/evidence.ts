import type { ProductId, VariantId } from '../../../shared/contracts/ids'
import type { Level } from '../../../shared/contracts/inventory'
import type { Described } from '../../../shared/contracts/product'
import type { Finding } from './finding'
import type { Facts, Listing } from './listing'
import { judgeListing } from './listing-quality'
import { type Comparable, judgePrice } from './pricing'
import { judgeStock } from './restocking'

/** A product as it is now, and the listings of others that share words with it; `facts` are null unless it is on sale. */
export type ProductEvidence = { product: Described; facts: Facts | null; others: readonly Comparable[] }

/** What the findings about a page of products rest on. */
export type Evidence = {
  /** Without the products of which a newer version is known. */
  products: ReadonlyMap<ProductId, ProductEvidence>
  /** By category, the tags of its listings. */
  tagsOf: ReadonlyMap<string, readonly string[]>
  /** Units sold in the days that count. */
  units: ReadonlyMap<VariantId, number>
  levels: ReadonlyMap<VariantId, Level>
}

/** What every rule finds about a product that is on sale. */
export function findingsOn(
  { product, others }: ProductEvidence,
  facts: Facts,
  listing: Pick<Listing, 'recovered'>,
  { units, levels, tagsOf }: Evidence,
): Finding[] {
  return [
    judgePrice(product, facts, others),
    ...product.variants.map((variant) =>
      judgeStock(listing, variant, units.get(variant.variantId) ?? 0, levels.get(variant.variantId)),
    ),
    ...judgeListing(product, tagsOf.get(facts.category) ?? []),
  ]
}
