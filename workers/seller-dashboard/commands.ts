import { AppError } from '../../shared/contracts/errors'
import type { OrderId, UserId } from '../../shared/contracts/ids'
import type { DashboardApi, DashboardEvent, Owner } from './dashboard-api'

type Needs = { dashboardOf: (owner: Owner) => Pick<DashboardApi, 'ingest' | 'sellersOf'> }

/** Sends an event to the dashboards of sellers and of the marketplace. A dashboard that has it already does not change. */
export async function ingestForSellers(
  { dashboardOf }: Needs,
  sellerIds: readonly UserId[],
  event: DashboardEvent,
): Promise<void> {
  const owners = new Set([...sellerIds, 'marketplace' as const])
  await Promise.all([...owners].map((owner) => dashboardOf(owner).ingest([event])))
}

/**
 * Sends an event that names only its order. @throws AppError `unavailable` while the order is unknown, so that the message is redelivered
 */
export async function ingestForOrder(deps: Needs, orderId: OrderId, event: DashboardEvent): Promise<void> {
  const sellerIds = await deps.dashboardOf('marketplace').sellersOf(orderId)
  if (sellerIds === null) throw new AppError('unavailable', `${orderId} is not known yet`)
  await ingestForSellers(deps, sellerIds, event)
}
