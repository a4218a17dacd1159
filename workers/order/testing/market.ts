import type { CartSnapshot } from '../../../shared/contracts/cart'
import { AppError } from '../../../shared/contracts/errors'
import type { CartLineFacts } from '../../../shared/contracts/facts'
import { type Instant, newId, type OrderId, type UserId, type VariantId } from '../../../shared/contracts/ids'
import type { InventoryApi, Level, StockLine } from '../../../shared/contracts/inventory'
import { type Currency, money, multiply, sum } from '../../../shared/contracts/money'
import type { Quote } from '../../../shared/contracts/product'
import type { Deps } from '../deps'

type Hold = { quantity: number; expiresAt: Instant; confirmed: boolean }

/** Stock in memory, with the guarantees of the real one: all lines or none, once per order, and a hold keeps its quantity. */
function anInventory() {
  const stock = new Map<VariantId, number>()
  const holds = new Map<OrderId, Map<VariantId, Hold>>()
  const availableOf = (variantId: VariantId) => stock.get(variantId) ?? 0
  const holdsOf = (orderId: OrderId) => {
    const found = holds.get(orderId) ?? new Map<VariantId, Hold>()
    holds.set(orderId, found)
    return found
  }
  const take = (orderId: OrderId, lines: readonly StockLine[], expiresAt: Instant) => {
    const held = holdsOf(orderId)
    if (lines.some(({ variantId, quantity }) => (held.get(variantId)?.quantity ?? quantity) !== quantity)) {
      throw new AppError('invalid_state')
    }
    const open = lines.filter(({ variantId }) => !held.has(variantId))
    const short = open.filter(({ variantId, quantity }) => availableOf(variantId) < quantity)
    if (short.length > 0) {
      const missing = short.map(({ variantId, quantity: asked }) => ({ variantId, asked, available: availableOf(variantId) }))
      return { held: false as const, short: missing }
    }
    for (const { variantId, quantity } of open) {
      stock.set(variantId, availableOf(variantId) - quantity)
      held.set(variantId, { quantity, expiresAt, confirmed: false })
    }
    return { held: true as const }
  }
  const returnUnits = (orderId: OrderId, { variantId, quantity }: StockLine, which: 'any' | 'unconfirmed' = 'any') => {
    const hold = holdsOf(orderId).get(variantId)
    if (hold?.quantity !== quantity || (hold.confirmed && which === 'unconfirmed')) return
    holdsOf(orderId).delete(variantId)
    stock.set(variantId, availableOf(variantId) + quantity)
  }
  const level = (variantId: VariantId): Level => {
    const available = availableOf(variantId)
    return { variantId, available, availability: available > 0 ? 'in' : 'out' }
  }
  const api: InventoryApi = {
    open: async () => [],
    setOnHand: async (_sellerId, counts) => counts.map(({ variantId }) => level(variantId)),
    receive: async (_sellerId, { variantId }) => level(variantId),
    levels: async (variantIds) => variantIds.map(level),
    hold: async (orderId, lines, expiresAt) => {
      const answer = take(orderId, lines, expiresAt)
      if (answer.held) for (const hold of holdsOf(orderId).values()) hold.expiresAt = Math.max(hold.expiresAt, expiresAt)
      return answer
    },
    confirm: async (orderId, lines) => {
      const answer = take(orderId, lines, Number.POSITIVE_INFINITY)
      if (answer.held) for (const hold of holdsOf(orderId).values()) hold.confirmed = true
      return answer
    },
    release: async (orderId, lines, which) => {
      for (const line of lines) returnUnits(orderId, line, which)
    },
  }
  return {
    ...api,
    stock,
    /** What an order holds: the quantity per variant. */
    heldFor: (orderId: OrderId) =>
      Object.fromEntries([...holdsOf(orderId)].map(([variantId, { quantity }]) => [variantId, quantity])),
    expire: (now: Instant) => {
      for (const [orderId, lines] of holds) {
        for (const [variantId, { quantity, expiresAt, confirmed }] of [...lines]) {
          if (expiresAt <= now && !confirmed) returnUnits(orderId, { variantId, quantity })
        }
      }
    },
  }
}

/** Carts in memory. A line shows the price that the shopper saw until it is refreshed. */
function aCartStore() {
  const carts = new Map<UserId, { version: number; items: CartLineFacts[] }>()
  const done = new Set<OrderId>()
  const cartOf = (userId: UserId) => carts.get(userId) ?? { version: 0, items: [] }
  const put = (userId: UserId, items: CartLineFacts[]) => carts.set(userId, { version: cartOf(userId).version + 1, items })
  const snapshot = (userId: UserId): CartSnapshot => {
    const { version, items } = cartOf(userId)
    const currency = items[0]?.unitPrice.currency ?? null
    const totals = items.map(({ lineTotal }) => lineTotal)
    const itemCount = items.reduce((count, { quantity }) => count + quantity, 0)
    const id = `crt_${userId.slice('usr_'.length)}` as const
    return { id, userId, version, currency, items, itemCount, subtotal: currency && sum(totals, currency) }
  }
  const api: Deps['cart'] = {
    snapshot: async (userId) => snapshot(userId),
    checkedOut: async (userId, orderId, lines) => {
      if (done.has(orderId)) return
      done.add(orderId)
      const ordered = new Map(lines.map(({ variantId, quantity }) => [variantId, quantity]))
      const left = cartOf(userId).items.map((item) => resized(item, item.quantity - (ordered.get(item.variantId) ?? 0)))
      put(
        userId,
        left.filter(({ quantity }) => quantity > 0),
      )
    },
    refresh: async (userId, quotes) => {
      put(
        userId,
        cartOf(userId).items.map((item) => refreshed(item, quotes)),
      )
      return snapshot(userId)
    },
  }
  return { ...api, put }
}

const resized = (item: CartLineFacts, quantity: number): CartLineFacts => ({
  ...item,
  quantity,
  lineTotal: multiply(item.unitPrice, Math.max(0, quantity)),
})

function refreshed(item: CartLineFacts, quotes: readonly Quote[]): CartLineFacts {
  const quote = quotes.find(({ variantId }) => variantId === item.variantId)
  if (quote?.status !== 'active') return { ...item, status: 'gone' }
  return resized({ ...item, unitPrice: quote.unitPrice }, item.quantity)
}

/** Cart, product and inventory as one market that tests control. */
export function aMarket() {
  const offers = new Map<VariantId, Extract<Quote, { status: 'active' }>>()
  const inventory = anInventory()
  const cart = aCartStore()
  let quotesAsked = 0
  const product: Deps['product'] = {
    quote: async (variantIds) => {
      quotesAsked += 1
      return variantIds.map((variantId) => offers.get(variantId) ?? { status: 'gone', variantId })
    },
  }
  const offerOf = (variantId: VariantId) => {
    const offer = offers.get(variantId)
    if (!offer) throw new AppError('not_found')
    return offer
  }
  const lineOf = ([variantId, quantity]: readonly [VariantId, number]): CartLineFacts => {
    const { productId, sellerId, title, unitPrice } = offerOf(variantId)
    const lineTotal = multiply(unitPrice, quantity)
    return { variantId, productId, sellerId, title, unitPrice, quantity, lineTotal, status: 'available' }
  }
  return {
    ...{ cart, product, inventory },
    quotesAsked: () => quotesAsked,
    /** Offers a new variant of a seller. */
    sells: (
      sellerId: UserId,
      { amount, stock, currency = 'USD' }: { amount: number; stock: number; currency?: Currency },
    ): VariantId => {
      const variantId = newId('var')
      const facts = { productId: newId('prd'), productVersion: 1, sellerId, sku: `SKU-${variantId.slice(-4)}`, title: 'A desk' }
      offers.set(variantId, { status: 'active', variantId, ...facts, unitPrice: money(amount, currency) })
      inventory.stock.set(variantId, stock)
      return variantId
    },
    reprices: (variantId: VariantId, amount: number) =>
      offers.set(variantId, { ...offerOf(variantId), unitPrice: money(amount, 'USD') }),
    withdraws: (variantId: VariantId) => offers.delete(variantId),
    /** Fills the shopper's cart with these lines only, at present prices. */
    puts: (userId: UserId, lines: readonly (readonly [VariantId, number])[]) => cart.put(userId, lines.map(lineOf)),
  }
}
