import { setTimeout as sleep } from 'node:timers/promises'
import type { Person } from './market.ts'
import type { Run } from './shopper.ts'

const restAfterRound = 150
/** What a seller does about their part of an order, by its status. */
const nextSteps: Readonly<Record<string, 'shipments' | 'deliveries'>> = { paid: 'shipments', shipped: 'deliveries' }

/** A seller's day until the time is over: ships and delivers what is paid, changes prices, counts the shelves anew. */
export async function sell({ market, isOver }: Run, seller: Person): Promise<void> {
  const { random, variants } = market
  const own = variants.filter((variant) => variant.seller === seller)
  while (!isOver()) {
    const { json } = await seller.call('GET', '/v1/seller/orders?limit=20')
    for (const { id, groups } of json.items ?? []) {
      if (isOver()) return
      const step = nextSteps[groups[0]?.status as string]
      if (step === undefined || random() < 0.5) continue
      await seller.call('POST', `/v1/orders/${id}/${step}`, { body: step === 'shipments' ? { carrier: 'UPS' } : {} })
    }
    const variant = own[Math.floor(random() * own.length)]
    if (variant && random() < 0.3) {
      const price = { amount: 500 + Math.floor(random() * 5_000), currency: 'USD' }
      await seller.call('PATCH', `/v1/products/${variant.productId}`, { body: { variants: [{ id: variant.id, price }] } })
    }
    if (variant && random() < 0.3) {
      const level = await seller.call('GET', `/v1/inventory/${variant.id}`)
      const onHand = (level.json.onHand ?? 0) + Math.floor(random() * 20)
      await seller.call('PUT', `/v1/inventory/${variant.id}`, { body: { onHand, reason: 'counted' } })
    }
    await sleep(restAfterRound)
  }
}

/** An operator's day until the time is over: gives a part of the money of some orders back, and looks after the log. */
export async function operate({ market, isOver, orders }: Run): Promise<void> {
  const { random, operator } = market
  while (!isOver()) {
    const order = orders[Math.floor(random() * orders.length)]
    if (order !== undefined && random() < 0.5) {
      await operator.call('POST', `/v1/payments/${order}/refunds`, { body: { amount: { amount: 100, currency: 'USD' } } })
    }
    await operator.call('GET', '/v1/audit?limit=5')
    await sleep(restAfterRound * 2)
  }
}
