import { env } from 'cloudflare:workers'
import { AppError } from '../../../shared/contracts/errors'
import type { EventData } from '../../../shared/contracts/events'
import { newId, type ProductId, type UserId, type VariantId } from '../../../shared/contracts/ids'
import type { InventoryApi, Level, Receipt } from '../../../shared/contracts/inventory'
import type { Described, ProductApi, Revision } from '../../../shared/contracts/product'
import { Collection } from '../../../shared/storage/documents'
import { aClock, anEvent } from '../../../shared/testing/factories'
import type { Endpoint } from '../../../shared/testing/http'
import type { DepsOverrides } from '../../../shared/worker/base-deps'
import { depsFrom } from '../deps'
import { app } from '../routes'
import { recordProductChange, sweepSuggestions } from '../suggestions/recompute'
import { recordSale } from '../suggestions/sales'
import type { Kind, Suggestion } from '../suggestions/suggestion'

/** A product on sale about which there is nothing to suggest. */
export function aProduct(overrides: Partial<Described> = {}): Described {
  return {
    productId: newId('prd'),
    version: 1,
    sellerId: newId('usr'),
    status: 'active',
    title: 'Walnut writing desk',
    description: 'A solid walnut desk with two dovetailed drawers, a cable slot at the back and legs that come off.',
    category: 'furniture',
    tags: ['walnut', 'desk', 'office'],
    images: ['https://images.example/desk.jpg'],
    variants: [aVariant()],
    createdAt: Date.UTC(2025, 0, 1),
    ...overrides,
  }
}

export const aVariant = (
  amount = 64_900,
  overrides: Partial<Described['variants'][number]> = {},
): Described['variants'][number] => ({
  ...{ variantId: newId('var'), sku: 'SKU', title: null, options: {}, availability: 'in' },
  unitPrice: { amount, currency: 'USD' },
  ...overrides,
})

/** A fake product Worker; `before` runs before each call is answered. */
function aCatalogue() {
  const products = new Map<ProductId, Described>()
  const catalogue = {
    ...{ products, asked: 0, revisions: [] as Revision[] },
    before: undefined as undefined | ((what: 'describe' | 'revise' | 'revised') => Promise<void> | void),
    put: (product: Described) => {
      products.set(product.productId, product)
      return product
    },
    async describe(ids: ProductId[]) {
      catalogue.asked += 1
      if (ids.length > 100) throw new AppError('bad_request')
      const found = ids.flatMap((id) => structuredClone(products.get(id)) ?? [])
      await catalogue.before?.('describe')
      return found
    },
    async revise(sellerId: UserId, id: ProductId, revision: Revision) {
      await catalogue.before?.('revise')
      const { version, prices = [], ...rest } = revision
      const product = products.get(id)
      if (!product || product.sellerId !== sellerId) throw new AppError('not_found')
      if (product.version !== version) throw new AppError('conflict')
      if (rest.title === 'refused')
        throw new AppError('validation_failed', 'title: no', { errors: [{ path: 'title', message: 'no' }] })
      const variants = product.variants.map((variant) => ({
        ...variant,
        unitPrice: prices.find(({ variantId }) => variantId === variant.variantId)?.unitPrice ?? variant.unitPrice,
      }))
      products.set(id, { ...product, ...rest, variants, version: version + 1 })
      catalogue.revisions.push(revision)
      await catalogue.before?.('revised')
      return version + 1
    },
  }
  return catalogue satisfies Partial<ProductApi>
}

/** A fake inventory Worker that books each receipt once. */
function anInventory() {
  const stock = new Map<VariantId, number>()
  const booked = new Map<string, Receipt>()
  const level = (variantId: VariantId): Level => {
    const available = stock.get(variantId) ?? 0
    return { variantId, available, availability: available === 0 ? 'out' : available <= 5 ? 'low' : 'in' }
  }
  const inventory = {
    ...{ stock, booked, asked: 0 },
    async levels(variantIds: VariantId[]) {
      inventory.asked += 1
      return variantIds.map(level)
    },
    async receive(_sellerId: UserId, receipt: Receipt) {
      if (!booked.has(receipt.id)) stock.set(receipt.variantId, (stock.get(receipt.variantId) ?? 0) + receipt.quantity)
      booked.set(receipt.id, receipt)
      return level(receipt.variantId)
    },
  }
  return inventory satisfies Partial<InventoryApi>
}

/** The Worker with a catalogue and an inventory of the test's own; `stored` is what it wrote. */
export function aSuggestingWorker(overrides: DepsOverrides = {}) {
  const catalogue = aCatalogue()
  const inventory = anInventory()
  const bound = { ...(env as unknown as AiBuddyEnv), PRODUCT: catalogue, INVENTORY: inventory } as unknown as AiBuddyEnv
  const endpoint: Endpoint = (request) => app.fetch(request, bound)
  const deps = depsFrom(bound, undefined, overrides)
  const collection = <T extends { _id: string }>(name: string) => new Collection<T>(deps.data, 'credenza_ai_buddy', { name })
  const stored = {
    listings: collection('listings'),
    suggestions: collection('suggestions'),
    sales: collection('sales'),
  }
  const clear = async () => {
    for (const each of Object.values(stored)) await each.deleteMany({})
  }
  return { catalogue, inventory, endpoint, deps, stored, clear }
}

/** The event of a product that changed. */
export const updated = ({ productId, sellerId, title, status, version }: Described) =>
  anEvent('product.updated', productId, {
    ...{ version, productId, sellerId, title, status },
    change: status === 'archived' ? 'archived' : 'updated',
    variants: [],
  })

/** The event of a change in the availability of a product's first variant. */
export const restocked = (product: Described, version: number, availability: 'in' | 'low' | 'out' = 'in') =>
  anEvent('stock.changed', product.variants[0]?.variantId ?? '', {
    ...{ version, availability, available: 0, previous: availability === 'in' ? 'low' : 'in' },
    ...{ variantId: product.variants[0]?.variantId ?? 'var_', productId: product.productId, sellerId: product.sellerId },
  })

/** The event of a paid order with units of a product's first variant. */
export function sold(product: Described, quantity: number, time: string) {
  const [variant] = product.variants
  if (!variant) throw new Error('A product has variants')
  const { productId, sellerId } = product
  const line = { variantId: variant.variantId, productId, sellerId, quantity, lineTotal: variant.unitPrice }
  const data: EventData<'order.paid'> = {
    ...{ version: 2, orderId: newId('ord'), number: 'C-1', buyerId: newId('usr'), email: null, status: 'paid' },
    ...{ sellerIds: [sellerId], grand: variant.unitPrice, items: [line], groups: [] },
  }
  return anEvent('order.paid', data.orderId, data, { time })
}

/** A seller whose products are recomputed as they are listed and changed. */
export function aSeller() {
  const clock = aClock(Date.UTC(2026, 5, 15, 12))
  const worker = aSuggestingWorker({ now: clock })
  const { catalogue, inventory, deps } = worker
  const sellerId = newId('usr')
  let markets = 0
  const look = async (product: Described): Promise<void> => {
    await recordProductChange(updated(product), deps)
    await sweepSuggestions(deps)
  }
  const list = async (overrides: Partial<Described> = {}): Promise<Described> => {
    const product = catalogue.put(aProduct({ sellerId, ...overrides }))
    await look(product)
    return product
  }
  const of = async ({ productId }: Described, kind?: Kind): Promise<Suggestion[]> =>
    (await deps.suggestions.ofProducts([productId])).filter((each) => kind === undefined || each.kind === kind)
  return {
    ...{ ...worker, clock, sellerId, look, list, of },
    change: async ({ productId }: Described, overrides: Partial<Described>): Promise<void> => {
      const present = catalogue.products.get(productId)
      if (present) await look(catalogue.put({ ...present, ...overrides, version: present.version + 1 }))
    },
    /** The one suggestion about a product. */
    only: async (product: Described, kind?: Kind): Promise<Suggestion> => {
      const [found, ...more] = await of(product, kind)
      if (!found || more.length > 0) throw new Error(`${more.length + (found ? 1 : 0)} suggestions`)
      return found
    },
    /** A product that costs far more than four comparable ones. */
    dear: async (): Promise<Described> => {
      const category = `market-${++markets}`
      for (let other = 0; other < 4; other++) await list({ category, sellerId: newId('usr'), variants: [aVariant(40_000)] })
      return list({ category })
    },
    /** A product that sells one unit a day and has three left. */
    scarce: async (): Promise<Described> => {
      const product = await list()
      inventory.stock.set(product.variants[0]?.variantId ?? 'var_', 3)
      await recordSale(sold(product, 28, '2026-06-10T10:00:00Z'), deps)
      await look(product)
      return product
    },
  }
}
