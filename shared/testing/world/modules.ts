import * as assistant from '#worker/ai-buddy'
import * as audit from '#worker/audit'
import * as cart from '#worker/cart'
import * as inventory from '#worker/inventory'
import * as notification from '#worker/notification'
import * as order from '#worker/order'
import * as payment from '#worker/payment'
import * as product from '#worker/product'
import * as dashboard from '#worker/seller-dashboard'

/** The Workers of the marketplace, as their main modules export them. */
export const modules = {
  ...{ product, inventory, cart, order, payment, notification, audit },
  'seller-dashboard': dashboard,
  'ai-buddy': assistant,
}

export type Member = keyof typeof modules
export const members = Object.keys(modules) as Member[]

/** An entrypoint or a Durable Object that a Worker exports. */
export function exported<T>(worker: Member, name: string): T {
  const found = (modules[worker] as unknown as Record<string, T | undefined>)[name]
  if (!found) throw new TypeError(`${worker} exports no ${name}`)
  return found
}
