import type { OrderId, UserId } from '../../shared/contracts/ids'

import type { DashboardApi, DashboardEvent, Owner } from './dashboard-api'

type Needs = { dashboardOf: (owner: Owner) => Pick<DashboardApi, 'ingest' | 'sellersOf'> }

/**
 * Gives past events to the dashboards that the queue would give them to, in one batch each. A refund names no sellers: those of its order
 * are in the batch, or known to the marketplace's dashboard.
 * @returns the place of a refund whose order is unknown; null when all events were taken
 */
export async function importHistory({ dashboardOf }: Needs, events: readonly DashboardEvent[]): Promise<number | null> {
  const orders = new Map<OrderId, readonly UserId[]>()
  for (const { data } of events) if ('sellerIds' in data) orders.set(data.orderId, data.sellerIds)
  const sellersOf = async ({ data }: DashboardEvent): Promise<readonly UserId[] | null> => {
    if ('sellerId' in data) return [data.sellerId]
    return orders.get(data.orderId) ?? dashboardOf('marketplace').sellersOf(data.orderId)
  }
  const batches = new Map<Owner, DashboardEvent[]>()
  for (const [place, event] of events.entries()) {
    const sellerIds = await sellersOf(event)
    if (sellerIds === null) return place
    for (const owner of new Set<Owner>([...sellerIds, 'marketplace'])) {
      const batch = batches.get(owner) ?? []
      batch.push(event)
      batches.set(owner, batch)
    }
  }
  await Promise.all([...batches].map(([owner, batch]) => dashboardOf(owner).ingest(batch)))
  return null
}
