import { WorkerEntrypoint } from 'cloudflare:workers'
import type { CartApi } from '../../shared/contracts/cart'
import type { OrderId, UserId, VariantId } from '../../shared/contracts/ids'
import type { Quote } from '../../shared/contracts/product'
import { addOnce } from './commands'
import { depsFrom } from './deps'

export class CartRpc extends WorkerEntrypoint<CartEnv> implements CartApi {
  snapshot(userId: UserId) {
    return depsFrom(this.env).cartOf(userId).snapshot(userId)
  }

  checkedOut(userId: UserId, orderId: OrderId, lines: { variantId: string; quantity: number }[]) {
    const { cartOf, traceparent } = depsFrom(this.env)
    return cartOf(userId).checkOut({ userId, traceparent }, orderId, lines)
  }

  refresh(userId: UserId, quotes: Quote[]) {
    const { cartOf, traceparent } = depsFrom(this.env)
    return cartOf(userId).refresh({ userId, traceparent }, quotes)
  }

  add(userId: UserId, line: { variantId: VariantId; quantity: number }, key: string) {
    return addOnce(depsFrom(this.env), userId, line, key)
  }
}
