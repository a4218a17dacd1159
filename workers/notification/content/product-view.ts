import type { EventData } from '../../../shared/contracts/events'
import type { ProductId, VariantId } from '../../../shared/contracts/ids'
import type { Money } from '../../../shared/contracts/money'

/** The newest known facts of a product that matter to its watchers. */
export type ProductFacts = {
  title: string
  status: 'draft' | 'active' | 'archived'
  variants: Record<string, { sku: string; price: Money }>
}

/** News of a product for its watchers. */
export type ProductNews = { productId: ProductId; time: string } & (
  | { kind: 'price_dropped'; title: string; before: Money; after: Money }
  | { kind: 'changed'; title: string }
  | { kind: 'archived'; title: string }
  | { kind: 'back_in_stock'; title: string | null; variantId: VariantId }
)

type WithoutOrigin<T> = T extends unknown ? Omit<T, 'productId' | 'time'> : never

export const factsOf = ({ title, status, variants }: EventData<'product.updated'>): ProductFacts => ({
  title,
  status,
  variants: Object.fromEntries(variants.map(({ variantId, sku, unitPrice }) => [variantId, { sku, price: unitPrice }])),
})

/**
 * What is new to watchers, or null: the first facts, a draft and an invisible change are no news. If several prices dropped, the news
 * names the largest drop.
 */
export function newsOf(before: ProductFacts | null, after: ProductFacts): WithoutOrigin<ProductNews> | null {
  if (!before) return null
  const { title } = after
  // Only the seller may know anything about a draft, even that it ended or what its price was.
  const wasPublic = before.status === 'active'
  if (after.status === 'archived') return wasPublic ? { kind: 'archived', title } : null
  if (after.status !== 'active') return null
  const drop = drops(before, after).sort((a, b) => b.before.amount - b.after.amount - (a.before.amount - a.after.amount))[0]
  if (drop && wasPublic) return { kind: 'price_dropped', title, ...drop }
  return appearanceOf(before) === appearanceOf(after) ? null : { kind: 'changed', title }
}

function drops(before: ProductFacts, after: ProductFacts): { before: Money; after: Money }[] {
  return Object.entries(after.variants).flatMap(([variantId, { price }]) => {
    const old = before.variants[variantId]?.price
    return old && old.currency === price.currency && price.amount < old.amount ? [{ before: old, after: price }] : []
  })
}

/** What a shopper sees, as a string to compare. */
const appearanceOf = ({ title, variants }: ProductFacts): string =>
  JSON.stringify([
    title,
    Object.entries(variants)
      .map(([id, { price }]) => [id, price.amount, price.currency])
      .sort(),
  ])
