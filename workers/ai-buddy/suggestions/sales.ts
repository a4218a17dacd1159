import type { Envelope } from '../../../shared/contracts/events'
import type { Instant, ProductId, VariantId } from '../../../shared/contracts/ids'
import type { Documents } from '../../../shared/storage/documents'
import type { ListingRepo } from './listing-repo'
import type { SalesRepo } from './sales-repo'
import { dayOf, firstDay } from './sales-window'

type Needs = {
  documents: Pick<Documents, 'batch'>
  sales: Pick<SalesRepo, 'countPlans'>
  listings: Pick<ListingRepo, 'reschedulePlan'>
  now(): Instant
}

/**
 * Counts what was paid for, and reschedules the listings of what was sold. An event of a day that no longer counts is ignored: when the day
 * is deleted, so are the ids of its events, and a repeated one would count again.
 */
export async function recordSale({ id, time, data }: Envelope<'order.paid'>, deps: Needs): Promise<void> {
  const { documents, sales, listings, now } = deps
  const day = dayOf(Date.parse(time))
  if (day < firstDay(now())) return
  const units = new Map<VariantId, { productId: ProductId; units: number }>()
  for (const { variantId, productId, quantity } of data.items)
    units.set(variantId, { productId, units: (units.get(variantId)?.units ?? 0) + quantity })
  const productIds = [...units.values()].map(({ productId }) => productId)
  await documents.batch([
    ...[...units].flatMap(([variantId, sold]) => sales.countPlans(id, { variantId, day, ...sold })),
    listings.reschedulePlan(productIds, now()),
  ])
}
