import { AppError } from '../../shared/contracts/errors'
import type { EventData } from '../../shared/contracts/events'
import type { ProductId, UserId, VariantId } from '../../shared/contracts/ids'
import { flushOutbox, retryOnConflict, saveWithEvents, withOutbox } from '../../shared/events/outbox'
import type { Deps } from './deps'
import {
  type Change,
  changed,
  type Draft,
  drafted,
  type Product,
  type StockSeen,
  sameDetails,
  skusOf,
  updatedData,
} from './product'
import { renewShelves } from './shelf'
import { type Claimed, claimSkus, claimsBehind, releaseClaims, releaseSkus } from './skus'

/** Who changes a product: a seller their own, an operator anybody's. */
export type Editor = { userId: UserId; role: string }

/** The version that a client believes to be the present one, from the body or from If-Match. */
export type Expected = { version?: number | undefined; ifMatch?: number | undefined }

/**
 * Lists a new product. Its stock is opened before it is written: a crash in between leaves stock of nothing, never a product
 * without stock.
 * @throws AppError `sku_taken`, `validation_failed` (two currencies, a SKU twice)
 */
export async function createProduct(deps: Deps, sellerId: UserId, draft: Draft): Promise<Product> {
  const owner = { _id: deps.newId('prd'), sellerId, version: 1 }
  const variantIds = draft.variants.map(() => deps.newId('var'))
  const details = drafted(draft, variantIds)
  const claimed = await claimSkus(deps, owner, skusOf(details))
  const stock = await beforeWrite(deps, claimed, () => openStock(deps, owner, additions(draft, variantIds)))
  const at = deps.now()
  const event = deps.event('product.updated', owner._id, updatedData(owner, details, null))
  const product = { ...withOutbox([event]), ...owner, ...details, stock, createdAt: at, updatedAt: at }
  await writing(deps, claimed, () => deps.products.collection.insertOne(product))
  await tell(deps, product._id, product.outbox)
  return product
}

/**
 * Changes what the seller names and leaves the rest. Stock levels are set before the product is written, because inventory may
 * refuse them; all else that can be refused was checked by then.
 * @throws AppError `not_found`, `conflict` or `precondition_failed` (stale), `sku_taken`, `validation_failed`, `invalid_state` (more is held)
 */
export async function changeProduct(
  deps: Deps,
  editor: Editor,
  productId: ProductId,
  change: Change,
  expected: Expected = {},
): Promise<Product> {
  const newIds = (change.variants ?? []).map(() => deps.newId('var'))
  await retryOnConflict(
    () => changeOnce(deps, editor, productId, change, newIds, expected),
    expected.version === undefined ? 8 : 1,
  )
  const product = await deps.products.load(productId)
  if (!product) throw new AppError('not_found')
  return product
}

/** Takes a product off sale for good; it stays for the orders that name it. @throws as `changeProduct` */
export async function archiveProduct(deps: Deps, editor: Editor, productId: ProductId, expected: Expected = {}): Promise<void> {
  await changeProduct(deps, editor, productId, { status: 'archived' }, expected)
}

async function changeOnce(
  deps: Deps,
  editor: Editor,
  productId: ProductId,
  change: Change,
  newIds: readonly VariantId[],
  expected: Expected,
): Promise<void> {
  const before = await deps.products.load(productId)
  if (!before || (editor.role !== 'admin' && before.sellerId !== editor.userId)) throw new AppError('not_found')
  if (expected.ifMatch !== undefined && expected.ifMatch !== before.version) throw new AppError('precondition_failed')
  if (expected.version !== undefined && expected.version !== before.version) throw new AppError('conflict')
  const after = changed(before, change, newIds)
  if (sameDetails(before, after)) return setLevels(deps, editor, before, change)

  const [kept, needed] = [skusOf(before), skusOf(after)]
  const claimed = await claimSkus(deps, before, without(needed, kept))
  const givenUp = await beforeWrite(deps, claimed, async () => {
    await deps.products.openStock(productId, await openStock(deps, before, additions(change, newIds)))
    await setLevels(deps, editor, before, change)
    return claimsBehind(deps, before.sellerId, without(kept, needed))
  })
  const event = deps.event('product.updated', productId, updatedData({ ...before, version: before.version + 1 }, after, before))
  const state = { ...after, updatedAt: deps.now() }
  await writing(deps, claimed, () => saveWithEvents(deps.products.collection, before, state, [event]))
  await releaseClaims(deps, givenUp)
  await tell(deps, productId, [event])
}

/** Notes what inventory says of a variant. Older news than what is noted changes nothing. */
export async function noteStock(deps: Deps, news: EventData<'stock.changed'>): Promise<void> {
  const { productId, variantId, availability, version } = news
  await deps.products.noteStock(productId, variantId, { availability, version })
  // Also for news that is noted already: a first delivery may have broken off right after the write.
  await renewShelves(deps.cache, productId, deps.newId('req'))
}

const without = (skus: readonly string[], others: readonly string[]) => skus.filter((sku) => !others.includes(sku))

type Addition = { id: VariantId; stock: number | undefined }

/** The variants that a change adds, with the ids they get. */
const additions = ({ variants = [] }: Pick<Change, 'variants'>, newIds: readonly VariantId[]): Addition[] =>
  newIds.flatMap((id, index) =>
    variants[index] && variants[index].id === undefined ? [{ id, stock: variants[index].stock }] : [],
  )

/** Begins to keep stock of new variants. Idempotent by variant id. */
async function openStock(
  deps: Deps,
  { _id: productId, sellerId }: Pick<Product, '_id' | 'sellerId'>,
  added: readonly Addition[],
): Promise<Product['stock']> {
  if (added.length === 0) return {}
  const levels = await deps.inventory.open(
    added.map(({ id, stock }) => ({ variantId: id, productId, sellerId, onHand: stock ?? 0 })),
  )
  return Object.fromEntries(
    levels.map(({ variantId, availability }): [VariantId, StockSeen] => [variantId, { availability, version: 0 }]),
  )
}

/** Sets the stock of variants that are there already, as far as the change names it. */
async function setLevels(deps: Deps, editor: Editor, product: Product, { variants = [] }: Change): Promise<void> {
  const { _id: productId, sellerId, stock } = product
  const counts = variants.flatMap(({ id, stock: onHand }) =>
    id === undefined || onHand === undefined ? [] : [{ variantId: id, onHand }],
  )
  if (counts.length === 0) return
  const levels = await deps.inventory.setOnHand(sellerId, counts, editor.userId, null)
  await deps.products.noteAnswers(
    productId,
    levels.map(({ variantId, availability }) => ({ variantId, seen: { availability, version: stock[variantId]?.version ?? 0 } })),
  )
  await renewShelves(deps.cache, productId, deps.newId('req'))
}

/** What fails before the write leaves nothing behind that the claims could be for. */
async function beforeWrite<T>(deps: Deps, claimed: Claimed, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await releaseSkus(deps, claimed)
    throw error
  }
}

/** Only a refusal says for sure that nothing was written; after anything else the claims stay, and go stale if nothing was. */
async function writing(deps: Deps, claimed: Claimed, write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (error) {
    const refusal = AppError.from(error)
    if (refusal && refusal.status < 500) await releaseSkus(deps, claimed)
    throw error
  }
}

async function tell(deps: Deps, productId: ProductId, events: Product['outbox']): Promise<void> {
  await Promise.all([
    renewShelves(deps.cache, productId, deps.newId('req')),
    flushOutbox(deps.products.collection, deps.publish, productId, events),
  ])
}
