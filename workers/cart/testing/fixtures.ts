import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { AppError } from '../../../shared/contracts/errors'
import { newId, type ProductId, type UserId, type VariantId } from '../../../shared/contracts/ids'
import type { InventoryApi, Level } from '../../../shared/contracts/inventory'
import type { Currency } from '../../../shared/contracts/money'
import { resultOf } from '../../../shared/contracts/outcome'
import type { ProductApi } from '../../../shared/contracts/product'
import { aClock, aPublisher } from '../../../shared/testing/factories'
import type { Line, Offer } from '../cart'
import type { CartDO } from '../cart.do'
import { type Deps, depsFrom } from '../deps'

/** Alarms run only when a test runs them: this is too far in the future for one to fire by itself. */
const farAhead = Date.UTC(2100, 0, 1)

export const anOffer = (overrides: Partial<Offer> = {}): Offer => ({
  status: 'active',
  variantId: newId('var'),
  productId: newId('prd'),
  productVersion: 1,
  sellerId: newId('usr'),
  sku: 'DESK',
  title: 'A desk',
  unitPrice: { amount: 1000, currency: 'USD' },
  ...overrides,
})

export const aLevel = (variantId: VariantId, available = 500): Level => ({
  variantId,
  available,
  availability: available === 0 ? 'out' : available <= 5 ? 'low' : 'in',
})

export const aLine = (overrides: Partial<Line> = {}): Line => {
  const { variantId, productId, sellerId, title, unitPrice } = anOffer()
  const offered = { variantId, productId, sellerId, title, unitPrice, availability: 'in' as const, sold: true }
  return { ...offered, quantity: 1, productVersion: 1, stockVersion: 0, ...overrides }
}

/** Fakes of product and inventory; while `down` is set they do not answer. */
export function aShop() {
  const offers = new Map<VariantId, Offer>()
  const levels = new Map<VariantId, number>()
  const answering = () => {
    if (shop.down) throw new AppError('unavailable')
  }
  const shop = {
    down: false,
    /** How often inventory was asked. */
    levelsAsked: 0,
    sell: ({ stock = 500, currency = 'USD' as Currency, amount = 1000, productId = newId('prd') as ProductId } = {}): Offer => {
      const offer = anOffer({ productId, unitPrice: { amount, currency } })
      offers.set(offer.variantId, offer)
      levels.set(offer.variantId, stock)
      return offer
    },
    change: (variantId: VariantId, change: Partial<Offer>) => {
      const offer = offers.get(variantId)
      if (offer) offers.set(variantId, { ...offer, productVersion: offer.productVersion + 1, ...change })
    },
    discontinue: (variantId: VariantId) => offers.delete(variantId),
    stock: (variantId: VariantId, available: number) => levels.set(variantId, available),
    product: {
      quote: async (ids) => {
        answering()
        return ids.map((variantId) => {
          const offer = offers.get(variantId)
          const { availability } = aLevel(variantId, levels.get(variantId) ?? 0)
          return offer ? { availability, ...offer } : { status: 'gone', variantId }
        })
      },
    } satisfies Pick<ProductApi, 'quote'>,
    inventory: {
      levels: async (ids: VariantId[]) => {
        shop.levelsAsked++
        answering()
        return ids.map((variantId) => aLevel(variantId, levels.get(variantId) ?? 0))
      },
    } as unknown as InventoryApi,
  }
  return shop
}

export const stubOf = (userId: UserId): DurableObjectStub<CartDO> => env.CARTS.getByName(userId)

/** Runs the alarm, which publishes changes; false when none is set. */
export const runAlarm = (userId: UserId): Promise<boolean> => runDurableObjectAlarm(stubOf(userId))

/** When the alarm of a cart is due; null when none is set. */
export const alarmOf = (userId: UserId): Promise<number | null> =>
  runInDurableObject(stubOf(userId), (_cart, { storage }) => storage.getAlarm())

/** Replaces deps of a shopper's cart until the object is evicted. */
export const overrideDeps = (userId: UserId, change: (deps: Deps) => Partial<Deps>): Promise<void> =>
  runInDurableObject(stubOf(userId), (cart: CartDO) => {
    cart.deps = { ...cart.deps, ...change(cart.deps) }
  })

/** A new shopper with an empty cart, whose clock, publisher and shop the test controls. */
export async function aShopper(shop = aShop()) {
  const userId = newId('usr')
  const clock = aClock(farAhead)
  const publisher = aPublisher()
  const installFakes = () =>
    overrideDeps(userId, () => ({ now: clock, publish: publisher.publish, product: shop.product, inventory: shop.inventory }))
  await installFakes()
  return {
    userId,
    clock,
    publisher,
    shop,
    installFakes,
    caller: { userId, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  }
}

/** A shopper, and a function that adds to the cart without asking product or inventory. */
export async function aShopperAdding() {
  const shopper = await aShopper()
  const cart = depsFrom(env).cartOf(shopper.userId)
  const offer = shopper.shop.sell()
  const add = async (quantity = 1, { ifMatch, ...other }: { ifMatch?: number[] } & Partial<Offer> = {}) => {
    const chosen = { ...offer, ...other }
    return resultOf(
      await cart.add({ ...shopper.caller, ...(ifMatch ? { ifMatch } : {}) }, chosen, aLevel(chosen.variantId), quantity),
    )
  }
  return { ...shopper, cart, offer, add }
}
