import type { Actor } from '../../shared/contracts/actor'
import type { AuthApi } from '../../shared/contracts/auth'
import type { CartSnapshot } from '../../shared/contracts/cart'
import { AppError } from '../../shared/contracts/errors'
import type { UserId, VariantId } from '../../shared/contracts/ids'
import type { InventoryApi, Level } from '../../shared/contracts/inventory'
import { type Outcome, resultOf } from '../../shared/contracts/outcome'
import type { ProductApi } from '../../shared/contracts/product'
import { type IdempotencyDeps, runOnce } from '../../shared/http/idempotency'
import { logger } from '../../shared/runtime/logger'
import { assumedLevel, fewPieces, maxQuantity, requireCurrency, requireVersion, type StockReading } from './cart'
import type { CartIndex } from './cart-index'
import type { Caller, CartObjectApi } from './cart-object-api'
import type { LineUpdate } from './line-sync'

type Carts = { cartOf: (userId: UserId) => CartObjectApi }
type StockNeeds = { inventory: Pick<InventoryApi, 'levels'> }
type AuthNeeds = { auth: Pick<AuthApi, 'verifyAccessToken'> }
type AddNeeds = Carts & StockNeeds & { product: Pick<ProductApi, 'quote'> }

/** How many carts are notified at the same time. */
const cartsAtOnce = 8

/**
 * Adds pieces of a variant to the cart.
 * When product says that a variant is in stock, that is enough for a few pieces of it. Product may be a moment behind inventory: then
 * the cart accepts what checkout, which asks inventory, refuses. In any other case, and before any refusal, inventory is asked.
 * While the database is down, a shopper can add a product that the cache knows, since checkout reads the database in any case.
 * @throws AppError `not_found` (not sold), `currency_mismatch`, `cart_full`, `out_of_stock` (with `available`),
 *   `precondition_failed`, `unavailable`
 */
export async function add(deps: AddNeeds, caller: Caller, variantId: VariantId, quantity: number): Promise<CartSnapshot> {
  const [quote] = await deps.product.quote([variantId], { orLastKnown: true })
  if (quote?.status !== 'active') throw new AppError('not_found', 'No variant on sale has this id')
  const cart = deps.cartOf(caller.userId)
  // What was last known may be hours old.
  const inStock = quote.availability === 'in' && !quote.lastKnown && quantity <= fewPieces
  return resultOf(await withStockIfNeeded(deps, variantId, inStock, (stock) => cart.add(caller, quote, stock, quantity)))
}

/**
 * `add` for another Worker, once per shopper and key, for a day: a repeat gets the cart as the first call left it.
 * @throws AppError as `add` does, `validation_failed` (the quantity), `idempotency_key_reused`, `idempotency_in_progress`
 */
export async function addOnce(
  deps: AddNeeds & IdempotencyDeps & { traceparent: string },
  userId: UserId,
  { variantId, quantity }: { variantId: VariantId; quantity: number },
  key: string,
): Promise<CartSnapshot> {
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > maxQuantity)
    throw new AppError('validation_failed', `quantity: must be an integer from 1 to ${maxQuantity}`)
  const request = { principal: userId, route: 'CartApi.add', key, request: { variantId, quantity } }
  const { answer } = await runOnce(deps, request, async (attempt) => {
    const caller = { userId, traceparent: deps.traceparent, attempt: attempt.id('req') }
    return { status: 200, headers: {}, body: JSON.stringify(await add(deps, caller, variantId, quantity)) }
  })
  return JSON.parse(answer.body) as CartSnapshot
}

/**
 * Sets how many pieces of a variant the cart has. For a few pieces it trusts a line that says `in`, as `add` trusts product.
 * @throws AppError `not_found` (no such line), `out_of_stock` (with `available`), `precondition_failed`
 */
export async function setQuantity(
  deps: Carts & StockNeeds,
  caller: Caller,
  variantId: VariantId,
  quantity: number,
): Promise<CartSnapshot> {
  const cart = deps.cartOf(caller.userId)
  const few = quantity <= fewPieces
  return resultOf(await withStockIfNeeded(deps, variantId, few, (stock) => cart.setQuantity(caller, variantId, quantity, stock)))
}

/** Tries a change without inventory where `mayGuess`, and asks inventory when stock is the reason of a refusal. */
async function withStockIfNeeded(
  deps: StockNeeds,
  variantId: VariantId,
  mayGuess: boolean,
  change: (stock: StockReading) => Promise<Outcome<CartSnapshot>>,
): Promise<Outcome<CartSnapshot>> {
  if (mayGuess) {
    const outcome = await change('not_asked')
    if (!('problem' in outcome) || outcome.problem.code !== 'out_of_stock') return outcome
  }
  return change(await currentLevel(deps, variantId))
}

/** Inventory's level of a variant; null when it does not answer. */
async function currentLevel({ inventory }: StockNeeds, variantId: VariantId): Promise<Level | null> {
  try {
    const [level] = await inventory.levels([variantId])
    return level ?? assumedLevel(variantId, 'out')
  } catch (error) {
    if (!AppError.is(error, 'unavailable')) throw error
    return null
  }
}

/** @throws AppError `not_found` (no such line), `precondition_failed` */
export async function remove({ cartOf }: Carts, caller: Caller, variantId: VariantId): Promise<CartSnapshot> {
  return resultOf(await cartOf(caller.userId).remove(caller, variantId))
}

/** @throws AppError `precondition_failed` */
export async function clear({ cartOf }: Carts, caller: Caller): Promise<CartSnapshot> {
  return resultOf(await cartOf(caller.userId).clear(caller))
}

/**
 * Moves the lines of a guest's cart into the shopper's own cart. Repeating it changes nothing more.
 * @throws AppError `validation_failed` (the token), `forbidden` (not a guest's), `currency_mismatch`, `precondition_failed`
 */
export async function merge(deps: Carts & AuthNeeds, caller: Caller, guestToken: string): Promise<CartSnapshot> {
  const guest = await guestOf(deps, guestToken)
  const target = deps.cartOf(caller.userId)
  const source = deps.cartOf(guest.userId)
  const [mine, theirs] = await Promise.all([target.snapshot(caller.userId), source.snapshot(guest.userId)])
  // A refusal here changes neither cart; the target checks again when the lines arrive.
  requireVersion(mine.version, caller.ifMatch)
  requireCurrency(mine.currency, theirs.currency)
  const refusal = await source.transferTo({ userId: guest.userId, traceparent: caller.traceparent }, caller)
  if (refusal) throw new AppError(refusal)
  return target.snapshot(caller.userId)
}

async function guestOf(deps: AuthNeeds, token: string): Promise<Actor> {
  let guest: Actor
  try {
    guest = await deps.auth.verifyAccessToken(token)
  } catch (error) {
    // A 401 would blame the client's own token.
    if (!AppError.is(error, 'token_invalid') && !AppError.is(error, 'token_expired')) throw error
    const message = AppError.is(error, 'token_expired') ? 'has expired' : 'is not an access token'
    throw new AppError('validation_failed', `guestToken: ${message}`, { errors: [{ path: 'guestToken', message }] })
  }
  if (guest.role !== 'guest') throw new AppError('forbidden', 'Only the cart of a guest can be merged')
  return guest
}

/**
 * Applies an update to every cart that holds the product, and unregisters carts that no longer do.
 * @throws AppError `unavailable` when the index or a cart did not answer, so that the message is delivered again
 */
export async function notifyCartsHolding(
  deps: Carts & { cartIndex: Pick<CartIndex, 'pages' | 'unregister'>; traceparent: string },
  update: Extract<LineUpdate, { productId: unknown }>,
): Promise<void> {
  let failed = 0
  const notify = async (userId: UserId) => {
    try {
      const holds = await deps.cartOf(userId).applyUpdate({ userId, traceparent: deps.traceparent }, update)
      if (!holds) await deps.cartIndex.unregister(update.productId, userId)
    } catch (error) {
      failed++
      logger.warn('cart not updated', { userId, productId: update.productId, error })
    }
  }
  for await (const page of deps.cartIndex.pages(update.productId)) {
    for (let start = 0; start < page.length; start += cartsAtOnce)
      await Promise.all(page.slice(start, start + cartsAtOnce).map(notify))
  }
  if (failed > 0) throw new AppError('unavailable', `${failed} carts were not updated`)
}
