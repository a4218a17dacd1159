import { AppError } from '../../shared/contracts/errors'
import type { OrderId, UserId } from '../../shared/contracts/ids'
import type { Dashboard, Heard, Owner } from './reading'

type Needs = { dashboardOf: (owner: Owner) => Pick<Dashboard, 'hear' | 'sellersOf'> }

/** Tells the dashboards of sellers, and that of the marketplace. Whoever heard of it before is left as they are. */
export async function tell({ dashboardOf }: Needs, sellerIds: readonly UserId[], event: Heard): Promise<void> {
  const owners = new Set([...sellerIds, 'marketplace' as const])
  await Promise.all([...owners].map((owner) => dashboardOf(owner).hear([event])))
}

/**
 * Tells of what only names its order. @throws AppError `unavailable` while the order was not heard of, so that the message comes again
 */
export async function tellSellersOf(deps: Needs, orderId: OrderId, event: Heard): Promise<void> {
  const sellerIds = await deps.dashboardOf('marketplace').sellersOf(orderId)
  if (sellerIds === null) throw new AppError('unavailable', `${orderId} is not known yet`)
  await tell(deps, sellerIds, event)
}
