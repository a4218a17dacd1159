import { WorkerEntrypoint } from 'cloudflare:workers'
import type { OrderId } from '../../shared/contracts/ids'
import type { OrderApi, Payable } from '../../shared/contracts/order'
import { depsFrom } from './deps'

export class OrderRpc extends WorkerEntrypoint<OrderEnv> implements OrderApi {
  async payable(orderId: OrderId): Promise<Payable | null> {
    const order = await depsFrom(this.env).orders.load(orderId)
    if (!order) return null
    const { number, buyerId, status, totals, payBefore } = order
    return { orderId, number, buyerId, status, grand: totals.grand, payBefore }
  }
}
