import { WorkerEntrypoint } from 'cloudflare:workers'
import type { Instant, OrderId, UserId, VariantId } from '../../shared/contracts/ids'
import type { Count, InventoryApi, Opening, Receipt, StockLine } from '../../shared/contracts/inventory'
import * as commands from './commands'
import { depsFrom } from './deps'
import { receive } from './receiving'
import { levelOf } from './stock'

export class InventoryRpc extends WorkerEntrypoint<InventoryEnv> implements InventoryApi {
  open(openings: Opening[]) {
    return commands.open(depsFrom(this.env), openings)
  }

  async setOnHand(sellerId: UserId, changes: Count[], actorId: UserId, reason: string | null) {
    const stocks = await commands.setOnHand(depsFrom(this.env), sellerId, changes, { actorId, reason })
    return stocks.map(levelOf)
  }

  async receive(sellerId: UserId, receipt: Receipt, reason: string | null) {
    return levelOf(await receive(depsFrom(this.env), sellerId, receipt, reason))
  }

  levels(variantIds: VariantId[]) {
    return commands.levels(depsFrom(this.env), variantIds)
  }

  hold(orderId: OrderId, lines: StockLine[], expiresAt: Instant) {
    return commands.hold(depsFrom(this.env), orderId, lines, expiresAt)
  }

  confirm(orderId: OrderId, lines: StockLine[]) {
    return commands.confirm(depsFrom(this.env), orderId, lines)
  }

  release(orderId: OrderId, lines: StockLine[], which: 'any' | 'unconfirmed') {
    return commands.release(depsFrom(this.env), orderId, lines, which)
  }
}
