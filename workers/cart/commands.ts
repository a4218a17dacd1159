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
import { fewPieces, maxQuantity, requireCurrency, requireVersion, supposedLevel, type Told } from './cart'
import type { Facts } from './facts'
import type { Holders } from './holders'
import type { Caller, CartVerbs } from './verbs'

type Carts = { cartOf: (userId: UserId) => CartVerbs }
type StockNeeds = { inventory: Pick<InventoryApi, 'levels'> }
type AuthNeeds = { auth: Pick<AuthApi, 'verifyAccessToken'> }
type AddNeeds = Carts & StockNeeds & { product: Pick<ProductApi, 'quote'> }

/** Carts that are told of a fact at the same time. */
const tellAtOnce = 8

/**
 * Puts pieces of a variant into the cart, more of what is there already.
 * Product's word that a variant is in stock is enough for a few pieces of it. That word may be a moment older than what inventory
 * knows: then the cart takes what checkout, which asks inventory, refuses. Any other word, and any refusal, is inventory's own.
 * While the database is down, a product that the cache knows can be put in: checkout asks the database in any case.
 * @throws AppError `not_found` (not sold), `currency_mismatch`, `cart_full`, `out_of_stock` (with `available`),
 *   `precondition_failed`, `unavailable`
 */
export async function add(deps: AddNeeds, caller: Caller, variantId: VariantId, quantity: number): Promise<CartSnapshot> {
  const [quote] = await deps.product.quote([variantId], { orLastKnown: true })
  if (quote?.status !== 'active') throw new AppError('not_found', 'Nothing is sold under this id')
  const cart = deps.cartOf(caller.userId)
  // What was last known may be hours old.
  const inStock = quote.availability === 'in' && !quote.lastKnown && quantity <= fewPieces
  return resultOf(await sparingInventory(deps, variantId, inStock, (level) => cart.add(caller, quote, level, quantity)))
}

/**
 * `add` for another Worker, once per shopper and key, for a day: a repeat gets the cart as the first one left it.
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
  const asked = { principal: userId, route: 'CartApi.add', key, request: { variantId, quantity } }
  const { answer } = await runOnce(deps, asked, async (attempt) => {
    const caller = { userId, traceparent: deps.traceparent, attempt: attempt.id('req') }
    return { status: 200, headers: {}, body: JSON.stringify(await add(deps, caller, variantId, quantity)) }
  })
  return JSON.parse(answer.body) as CartSnapshot
}

/**
 * Sets how many pieces of a variant the cart holds. For a few pieces of what the line last heard is in stock, its word is enough,
 * as product's is for `add`.
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
  return resultOf(await sparingInventory(deps, variantId, few, (level) => cart.setQuantity(caller, variantId, quantity, level)))
}

/** Tries a change without inventory where that may do, and asks inventory when the change is refused for want of stock. */
async function sparingInventory(
  deps: StockNeeds,
  variantId: VariantId,
  mayDo: boolean,
  change: (level: Told) => Promise<Outcome<CartSnapshot>>,
): Promise<Outcome<CartSnapshot>> {
  if (mayDo) {
    const outcome = await change('unasked')
    if (!('problem' in outcome) || outcome.problem.code !== 'out_of_stock') return outcome
  }
  return change(await levelNow(deps, variantId))
}

/** What inventory has of a variant; null when it does not answer. */
async function levelNow({ inventory }: StockNeeds, variantId: VariantId): Promise<Level | null> {
  try {
    const [level] = await inventory.levels([variantId])
    return level ?? supposedLevel(variantId, 'out')
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
 * Moves what a guest collected into the shopper's own cart; nothing more when it was moved before.
 * @throws AppError `validation_failed` (the token), `forbidden` (not a guest's), `currency_mismatch`, `precondition_failed`
 */
export async function merge(deps: Carts & AuthNeeds, caller: Caller, guestToken: string): Promise<CartSnapshot> {
  const guest = await guestOf(deps, guestToken)
  const target = deps.cartOf(caller.userId)
  const source = deps.cartOf(guest.userId)
  const [mine, theirs] = await Promise.all([target.snapshot(caller.userId), source.snapshot(guest.userId)])
  // Refused here, neither cart changes; the target looks again when the lines come in.
  requireVersion(mine.version, caller.ifMatch)
  requireCurrency(mine.currency, theirs.currency)
  const refusal = await source.giveTo({ userId: guest.userId, traceparent: caller.traceparent }, caller)
  if (refusal) throw new AppError(refusal)
  return target.snapshot(caller.userId)
}

async function guestOf(deps: AuthNeeds, token: string): Promise<Actor> {
  let guest: Actor
  try {
    guest = await deps.auth.verifyAccessToken(token)
  } catch (error) {
    // A 401 would tell the client that its own token is bad.
    if (!AppError.is(error, 'token_invalid') && !AppError.is(error, 'token_expired')) throw error
    const message = AppError.is(error, 'token_expired') ? 'has expired' : 'is not an access token'
    throw new AppError('validation_failed', `guestToken: ${message}`, { errors: [{ path: 'guestToken', message }] })
  }
  if (guest.role !== 'guest') throw new AppError('forbidden', 'Only the cart of a guest can be merged')
  return guest
}

/**
 * Tells every cart that holds the product. Carts that no longer do leave the index.
 * @throws AppError `unavailable` when the index or a cart did not answer, so that the message comes again
 */
export async function tellHolders(
  deps: Carts & { holders: Pick<Holders, 'pages' | 'forget'>; traceparent: string },
  facts: Extract<Facts, { productId: unknown }>,
): Promise<void> {
  let missed = 0
  const tell = async (userId: UserId) => {
    try {
      const holds = await deps.cartOf(userId).learn({ userId, traceparent: deps.traceparent }, facts)
      if (!holds) await deps.holders.forget(facts.productId, userId)
    } catch (error) {
      missed++
      logger.warn('cart was not told', { userId, productId: facts.productId, error })
    }
  }
  for await (const page of deps.holders.pages(facts.productId)) {
    for (let start = 0; start < page.length; start += tellAtOnce)
      await Promise.all(page.slice(start, start + tellAtOnce).map(tell))
  }
  if (missed > 0) throw new AppError('unavailable', `${missed} carts were not told`)
}
