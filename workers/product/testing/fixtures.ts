import { env } from 'cloudflare:workers'
import type { DataApi } from '../../../shared/contracts/data'
import { AppError } from '../../../shared/contracts/errors'
import type { UserId, VariantId } from '../../../shared/contracts/ids'
import type { Count, InventoryApi, Level, Opening } from '../../../shared/contracts/inventory'
import { storeOf } from '../../../shared/storage/store'
import { storeBindings } from '../../../shared/testing/data'
import type { Endpoint } from '../../../shared/testing/http'
import type { DepsOverrides } from '../../../shared/worker/base-deps'
import { depsFrom } from '../deps'
import { app } from '../routes'

/** A body that creates a product with one variant. */
export const aDraft = (overrides: Record<string, unknown> = {}) => ({
  title: 'Walnut desk',
  description: 'A solid walnut writing desk with two drawers.',
  category: 'furniture',
  status: 'active',
  variants: [aVariant()],
  ...overrides,
})

let skus = 0
export const aVariant = (overrides: Record<string, unknown> = {}) => ({
  sku: `SKU-${++skus}`,
  price: { amount: 24_900, currency: 'USD' },
  stock: 50,
  ...overrides,
})

const level = (variantId: VariantId, available: number): Level => ({
  variantId,
  available,
  availability: available === 0 ? 'out' : available <= 5 ? 'low' : 'in',
})

/** An inventory that records its calls, holds `held` units of every variant, and fails while `down` is set. */
function anInventory() {
  const onHand = new Map<VariantId, number>()
  const check = () => {
    if (inventory.down) throw new Error('inventory does not answer')
  }
  const inventory = {
    ...{ onHand, openings: [] as Opening[], countings: [] as Count[][], down: false, held: 0 },
    async open(openings: Opening[]) {
      check()
      inventory.openings.push(...openings)
      for (const opening of openings) if (!onHand.has(opening.variantId)) onHand.set(opening.variantId, opening.onHand)
      return openings.map(({ variantId }) => level(variantId, onHand.get(variantId) ?? 0))
    },
    async setOnHand(_sellerId: UserId, counts: Count[]) {
      check()
      inventory.countings.push(counts)
      if (counts.some((count) => count.onHand < inventory.held)) throw new AppError('invalid_state')
      for (const count of counts) onHand.set(count.variantId, count.onHand)
      return counts.map((count) => level(count.variantId, count.onHand))
    },
  }
  return inventory satisfies Partial<InventoryApi>
}

const bound = env as unknown as ProductEnv
const real = storeOf(bound)

/** The real store, with a cache that tests can break. */
function aDataWorker() {
  const check = () => {
    if (data.cacheDown) throw new Error('the cache does not answer')
  }
  const data = {
    cacheDown: false,
    /** Runs before each read or write of documents. */
    before: undefined as undefined | ((...call: Parameters<DataApi['run']>) => Promise<void>),
    run: async (...args: Parameters<DataApi['run']>) => {
      await data.before?.(...args)
      return real.run(...args)
    },
    batch: (operations: Parameters<DataApi['batch']>[0]) => real.batch(operations),
    cache: async (command: (string | number)[]) => {
      check()
      return real.cache(command)
    },
    cachePipeline: async (commands: (string | number)[][]) => {
      check()
      return real.cachePipeline(commands)
    },
  }
  return data
}

/** The Worker with fakes for what it talks to. */
export function aProductWorker(overrides: DepsOverrides = {}) {
  const inventory = anInventory()
  const data = aDataWorker()
  const productEnv = { ...bound, ...storeBindings(data), INVENTORY: inventory } as unknown as ProductEnv
  const endpoint: Endpoint = (request) => app.fetch(request, productEnv)
  return { inventory, data, env: productEnv, endpoint, deps: depsFrom(productEnv, undefined, overrides) }
}
