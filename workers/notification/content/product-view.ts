import type { EventData } from '../../../shared/contracts/events'
import type { ProductId, VariantId } from '../../../shared/contracts/ids'
import type { Money } from '../../../shared/contracts/money'

/** What was last heard of a product, as far as a watcher cares. */
export type ProductFacts = {
  title: string
  status: 'draft' | 'active' | 'archived'
  variants: Record<string, { sku: string; price: Money }>
}

/** What the watchers of a product are to be told. */
export type News = { productId: ProductId; time: string } & (
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
 * What is new to watchers, or null: a first hearing, a draft and a change that nobody can see are no news. Of several prices
 * that dropped, the largest drop is told.
 */
export function newsOf(before: ProductFacts | null, after: ProductFacts): WithoutOrigin<News> | null {
  if (!before) return null
  const { title } = after
  // Of what was a draft nobody but its seller may know a thing, not even that it ended or what it would have cost.
  const wasSeen = before.status === 'active'
  if (after.status === 'archived') return wasSeen ? { kind: 'archived', title } : null
  if (after.status !== 'active') return null
  const drop = drops(before, after).sort((a, b) => b.before.amount - b.after.amount - (a.before.amount - a.after.amount))[0]
  if (drop && wasSeen) return { kind: 'price_dropped', title, ...drop }
  return looks(before) === looks(after) ? null : { kind: 'changed', title }
}

function drops(before: ProductFacts, after: ProductFacts): { before: Money; after: Money }[] {
  return Object.entries(after.variants).flatMap(([variantId, { price }]) => {
    const old = before.variants[variantId]?.price
    return old && old.currency === price.currency && price.amount < old.amount ? [{ before: old, after: price }] : []
  })
}

/** What a shopper sees, in a form that compares. */
const looks = ({ title, variants }: ProductFacts): string =>
  JSON.stringify([
    title,
    Object.entries(variants)
      .map(([id, { price }]) => [id, price.amount, price.currency])
      .sort(),
  ])
