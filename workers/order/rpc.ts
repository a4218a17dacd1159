import { WorkerEntrypoint } from 'cloudflare:workers'
import type { OrderId, UserId } from '../../shared/contracts/ids'
import type { OrderApi, OrderSummary, Payable } from '../../shared/contracts/order'
import { depsFrom } from './deps'
import { summaryOf } from './dto'

/** The most orders that one call returns. */
const maxOrders = 20

export class OrderRpc extends WorkerEntrypoint<OrderEnv> implements OrderApi {
  async payable(orderId: OrderId): Promise<Payable | null> {
    const order = await depsFrom(this.env).orders.load(orderId)
    if (!order) return null
    const { number, buyerId, status, totals, payBefore } = order
    return { orderId, number, buyerId, status, grand: totals.grand, payBefore }
  }

  async ofBuyer(buyerId: UserId, asked: { limit: number } | { number: string }): Promise<OrderSummary[]> {
    const { orders } = depsFrom(this.env)
    const found =
      'number' in asked
        ? await orders.numbered(buyerId, asked.number)
        : await orders.ofBuyer(buyerId, undefined, Math.min(asked.limit, maxOrders))
    return found.map(summaryOf)
  }
}
