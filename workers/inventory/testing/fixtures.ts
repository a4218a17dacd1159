import { env } from 'cloudflare:workers'
import { newId, type OrderId, type UserId, type VariantId } from '../../../shared/contracts/ids'
import type { StockLine } from '../../../shared/contracts/inventory'
import { storeOf } from '../../../shared/storage/store'
import { aCountedStore, storeBindings } from '../../../shared/testing/data'
import { aClock, aPublisher } from '../../../shared/testing/factories'
import { open } from '../commands'
import { type Deps, depsFrom } from '../deps'
import type { Stock } from '../stock'

export const inventoryEnv = env as unknown as InventoryEnv

/** The Worker's deps with a stopped clock, a publisher that records and a store that counts its calls. */
export function aWarehouse() {
  const clock = aClock()
  const publisher = aPublisher()
  const store = aCountedStore(storeOf(inventoryEnv))
  const deps = depsFrom({ ...inventoryEnv, ...storeBindings(store) } as unknown as InventoryEnv, undefined, {
    now: clock,
    publish: publisher.publish,
  })
  return { clock, publisher, store, deps }
}

/** A new variant with `onHand` units. */
export async function aVariantWith(deps: Deps, onHand: number, sellerId: UserId = newId('usr')): Promise<VariantId> {
  const variantId = newId('var')
  await open(deps, [{ variantId, productId: newId('prd'), sellerId, onHand }])
  return variantId
}

/** How long units wait for a payment in these tests. */
export const holdFor = 30 * 60_000

export const anOrder = (): OrderId => newId('ord')
export const line = (variantId: VariantId, quantity = 1): StockLine => ({ variantId, quantity })

/** The stock as it is stored. */
export async function stored(deps: Deps, variantId: VariantId): Promise<Stock> {
  const stock = await deps.stocks.load(variantId)
  if (!stock) throw new Error(`no stock of ${variantId}`)
  return stock
}

/** The sum that only a recorded open, set or restock changes. */
export const unitsOf = ({ available, held, sold }: Stock): number => available + held + sold
