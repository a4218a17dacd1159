import { WorkerEntrypoint } from 'cloudflare:workers'
import type { Instant, OrderId, UserId, VariantId } from '../../shared/contracts/ids'
import type { InventoryApi, Opening, StockLine } from '../../shared/contracts/inventory'
import * as commands from './commands'
import { depsFrom } from './deps'
import { levelOf } from './stock'

export class InventoryRpc extends WorkerEntrypoint<InventoryEnv> implements InventoryApi {
  open(openings: Opening[]) {
    return commands.open(depsFrom(this.env), openings)
  }

  async setOnHand(variantId: VariantId, sellerId: UserId, onHand: number, actorId: UserId, reason: string | null) {
    return levelOf(await commands.setOnHand(depsFrom(this.env), variantId, sellerId, { onHand, actorId, reason }))
  }

  levels(variantIds: VariantId[]) {
    return commands.levels(depsFrom(this.env), variantIds)
  }

  hold(orderId: OrderId, lines: StockLine[], expiresAt: Instant) {
    return commands.hold(depsFrom(this.env), orderId, lines, expiresAt)
  }

  secure(orderId: OrderId, lines: StockLine[]) {
    return commands.secure(depsFrom(this.env), orderId, lines)
  }

  release(orderId: OrderId, lines: StockLine[]) {
    return commands.release(depsFrom(this.env), orderId, lines)
  }
}
