import { AppError } from '../../shared/contracts/errors'
import type { EventData } from '../../shared/contracts/events'
import type { ProductId, UserId, VariantId } from '../../shared/contracts/ids'
import type { InventoryApi, Level } from '../../shared/contracts/inventory'
import type { Revision } from '../../shared/contracts/product'
import { retryOnConflict, withOutbox, writeWithEvents } from '../../shared/events/outbox'
import type { MakeEvent, Publish } from '../../shared/events/publish'
import type { Cache } from '../../shared/storage/cache'
import { staleAfterWriteMs } from '../../shared/storage/read-through'
import { ChangeBody } from './bodies'
import {
  type Change,
  changed,
  type Draft,
  drafted,
  invalid,
  type Product,
  type Shown,
  type StockSeen,
  sameDetails,
  skusOf,
  updatedData,
} from './product'
import { renewShelves } from './read-through'
import type { ProductRepo, StockAnswer } from './repo'
import { type Claimed, claimSkus, claimsBehind, releaseClaims, releaseSkus, type SkuNeeds } from './skus'

type Needs = SkuNeeds & {
  products: Pick<ProductRepo, 'insert' | 'load' | 'loadShown' | 'save' | 'noteStock' | 'noteAnswers' | 'flush'>
  inventory: Pick<InventoryApi, 'open' | 'setOnHand'>
  cache: Cache
  event: MakeEvent<'product'>
  publish: Publish
}

/** Who changes a product: a seller their own, an operator anybody's. */
export type Editor = { userId: UserId; role: string }

/** The version that a client believes to be the present one, from the body or from If-Match. */
export type Expected = { version?: number | undefined; ifMatch?: number | undefined }

/**
 * Lists a new product. Its stock is opened before it is written: a crash in between leaves stock of nothing, never a product
 * without stock. An attempt that takes over from one that broke off has its id, and finds the product that it may have written.
 * @throws AppError `sku_taken`, `validation_failed` (two currencies, a SKU twice), `conflict` (two attempts at once)
 */
export async function createProduct(
  deps: Needs,
  sellerId: UserId,
  draft: Draft,
  { id, resumed }: { id: ProductId; resumed: boolean } = { id: deps.newId('prd'), resumed: false },
): Promise<Product> {
  const written = resumed ? await deps.products.load(id) : null
  if (written) return written
  const owner = { _id: id, sellerId, version: 1 }
  const variantIds = draft.variants.map(() => deps.newId('var'))
  const details = drafted(draft, variantIds)
  const claimed = await claimSkus(deps, { ...owner, resumed }, skusOf(details))
  const opened = await beforeWrite(deps, claimed, () => openStock(deps, owner, additions(draft, variantIds)))
  const at = deps.now()
  const event = deps.event('product.updated', owner._id, updatedData(owner, details, null, opened))
  const product = { ...withOutbox([event]), ...owner, ...details, stock: seenOf(opened), createdAt: at, updatedAt: at }
  if (await writing(deps, claimed, () => deps.products.insert(product))) {
    await tell(deps, product._id, product.outbox)
    return product
  }
  // What the earlier attempt wrote has landed meanwhile.
  const landed = await deps.products.load(id)
  if (!landed) throw new AppError('conflict')
  return landed
}

/**
 * Changes what the seller names and leaves the rest. Stock levels are set before the product is written, because inventory may
 * refuse them; all else that can be refused was checked by then.
 * @throws AppError `not_found`, `conflict` or `precondition_failed` (stale), `sku_taken`, `validation_failed`, `invalid_state` (more is held)
 */
export async function changeProduct(
  deps: Needs,
  editor: Editor,
  productId: ProductId,
  change: Change,
  expected: Expected = {},
): Promise<Shown> {
  const newIds = (change.variants ?? []).map(() => deps.newId('var'))
  return retryOnConflict(
    () => changeOnce(deps, editor, productId, change, newIds, expected),
    expected.version === undefined ? 8 : 1,
  )
}

/** What another Worker may change. */
const Revisable = ChangeBody.pick({ version: true, title: true, description: true, tags: true, images: true, variants: true })
  .required({ version: true })
  .strict()

/**
 * Changes a product as another Worker decided on its seller's behalf, within the limits that the seller's own PATCH has. Returns its
 * version after that. @throws as `changeProduct`
 */
export async function reviseProduct(deps: Needs, sellerId: UserId, productId: ProductId, revision: Revision): Promise<number> {
  const { prices, ...rest } = revision
  const variants = prices?.map(({ variantId, unitPrice }) => ({ id: variantId, price: unitPrice }))
  const body = Revisable.safeParse({ ...rest, ...(variants ? { variants } : {}) })
  if (!body.success) throw invalid(body.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })))
  const { version, ...change } = body.data
  const product = await changeProduct(deps, { userId: sellerId, role: 'seller' }, productId, change, { version })
  return product.version
}

/** Takes a product off sale for good; it stays for the orders that name it. @throws as `changeProduct` */
export async function archiveProduct(deps: Needs, editor: Editor, productId: ProductId, expected: Expected = {}): Promise<void> {
  await changeProduct(deps, editor, productId, { status: 'archived' }, expected)
}

async function changeOnce(
  deps: Needs,
  editor: Editor,
  productId: ProductId,
  change: Change,
  newIds: readonly VariantId[],
  expected: Expected,
): Promise<Shown> {
  const before = await deps.products.load(productId)
  if (!before || (editor.role !== 'admin' && before.sellerId !== editor.userId)) throw new AppError('not_found')
  if (expected.ifMatch !== undefined && expected.ifMatch !== before.version) throw new AppError('precondition_failed')
  if (expected.version !== undefined && expected.version !== before.version) throw new AppError('conflict')
  const after = changed(before, change, newIds)
  if (sameDetails(before, after)) return changeLevels(deps, editor, before, change)

  const [kept, needed] = [skusOf(before), skusOf(after)]
  const claimed = await claimSkus(deps, before, without(needed, kept))
  const { opened, givenUp, answers } = await beforeWrite(deps, claimed, async () => ({
    opened: await openStock(deps, before, additions(change, newIds)),
    givenUp: await claimsBehind(deps, before.sellerId, without(kept, needed)),
    answers: await setLevels(deps, editor, before, change),
  }))
  const told = updatedData({ ...before, version: before.version + 1 }, after, before, opened)
  const event = deps.event('product.updated', productId, told)
  const write = writeWithEvents<Product>(before, { ...after, ...stockFields(seenOf(opened)), updatedAt: deps.now() }, [event])
  const product = await writing(deps, claimed, () => deps.products.save(productId, write, answers)).catch(async (error) => {
    if (answers.length > 0) await renewShelves(deps.cache, [productId])
    throw error
  })
  await releaseClaims(deps, givenUp)
  await tell(deps, productId, [event])
  return product
}

/** Sets stock of a product that stays as it is otherwise. */
async function changeLevels(deps: Needs, editor: Editor, product: Product, change: Change): Promise<Shown> {
  const answers = await setLevels(deps, editor, product, change)
  if (answers.length === 0) return product
  const noted = await deps.products.noteAnswers(product._id, answers)
  await renewShelves(deps.cache, [product._id])
  if (!noted) throw new AppError('not_found')
  return noted
}

/** The fields that make room for what inventory will say of new variants; those of the others are not touched. */
const stockFields = (opened: Product['stock']): object =>
  Object.fromEntries(Object.entries(opened).map(([variantId, seen]) => [`stock.${variantId}`, seen]))

/**
 * Notes what inventory says of a variant. Older news than what is noted changes nothing.
 * @throws AppError `unavailable` when the cache still shows what was before, so that the message comes again
 */
export async function noteStock(deps: Needs, news: EventData<'stock.changed'>): Promise<void> {
  const { productId, variantId, availability, version } = news
  await deps.products.noteStock(productId, variantId, { availability, version }, deps.now())
  // Also for news that is noted already: a first delivery may have broken off right after the write.
  if (await renewShelves(deps.cache, [productId])) return
  const product = await deps.products.loadShown(productId)
  if (deps.now() < (product?.stockNotedAt ?? 0) + staleAfterWriteMs)
    throw new AppError('unavailable', 'The cache does not answer')
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
  deps: Needs,
  { _id: productId, sellerId }: Pick<Product, '_id' | 'sellerId'>,
  added: readonly Addition[],
): Promise<Level[]> {
  if (added.length === 0) return []
  return deps.inventory.open(added.map(({ id, stock }) => ({ variantId: id, productId, sellerId, onHand: stock ?? 0 })))
}

/** What is noted of variants whose stock was opened, until inventory tells more. */
const seenOf = (opened: readonly Level[]): Product['stock'] =>
  Object.fromEntries(
    opened.map(({ variantId, availability }): [VariantId, StockSeen] => [variantId, { availability, version: 0 }]),
  )

/** Sets the stock of variants that are there already, as far as the change names it, and returns what is to be noted of it. */
async function setLevels(
  deps: Needs,
  editor: Editor,
  { sellerId, stock }: Product,
  { variants = [] }: Change,
): Promise<StockAnswer[]> {
  const counts = variants.flatMap(({ id, stock: onHand }) =>
    id === undefined || onHand === undefined ? [] : [{ variantId: id, onHand }],
  )
  if (counts.length === 0) return []
  const levels = await deps.inventory.setOnHand(sellerId, counts, editor.userId, null)
  return levels.map(({ variantId, availability }) => ({
    variantId,
    seen: { availability, version: stock[variantId]?.version ?? 0 },
  }))
}

/** What fails before the write leaves nothing behind that the claims could be for. */
async function beforeWrite<T>(deps: Needs, claimed: Claimed, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await releaseSkus(deps, claimed)
    throw error
  }
}

/** Only a refusal says for sure that nothing was written; after anything else the claims stay, and go stale if nothing was. */
async function writing<T>(deps: Needs, claimed: Claimed, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    const refusal = AppError.from(error)
    if (refusal && refusal.status < 500) await releaseSkus(deps, claimed)
    throw error
  }
}

/** Whoever hears of a change finds no answer from before it in the cache: where that is not sure, telling is left to the sweep. */
async function tell(deps: Needs, productId: ProductId, events: Product['outbox']): Promise<void> {
  if (!(await renewShelves(deps.cache, [productId]))) return
  await deps.products.flush(deps.publish, [{ _id: productId, outbox: events }])
}
