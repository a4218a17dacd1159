import { AppError } from '../../shared/contracts/errors'
import type { EventData } from '../../shared/contracts/events'
import type { ProductId, UserId, VariantId } from '../../shared/contracts/ids'
import type { InventoryApi, Level } from '../../shared/contracts/inventory'
import type { Revision } from '../../shared/contracts/product'
import { change as changeDocument } from '../../shared/events/change'
import { withOutbox, writeWithEvents } from '../../shared/events/outbox'
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
  type RecordedStock,
  type Shown,
  sameDetails,
  skusOf,
  updatedData,
} from './product'
import { invalidateProducts } from './read-through'
import type { ProductRepo, StockAnswer } from './repo'
import { type Claimed, claimSkus, findClaims, releaseClaims, releaseSkus, type SkuNeeds } from './skus'

type Needs = SkuNeeds & {
  products: Pick<ProductRepo, 'insert' | 'load' | 'loadShown' | 'save' | 'recordStock' | 'recordAnswers' | 'flush'>
  inventory: Pick<InventoryApi, 'open' | 'setOnHand'>
  cache: Cache
  event: MakeEvent<'product'>
  publish: Publish
}

/** Who changes a product. A seller changes their own products, an operator those of all sellers. */
export type Editor = { userId: UserId; role: string }

/** The version that a client expects the product to have, from the body or from If-Match. */
export type Expected = { version?: number | undefined; ifMatch?: number | undefined }

/**
 * Lists a new product. Its stock is opened before it is written, so that a crash in between leaves unused stock and never a product
 * without stock. A resumed attempt has the id of the interrupted one, and finds the product that the latter may have written.
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
  const product = { ...withOutbox([event]), ...owner, ...details, stock: recordedStockOf(opened), createdAt: at, updatedAt: at }
  if (await writeWithClaims(deps, claimed, () => deps.products.insert(product))) {
    await publishChange(deps, product._id, product.outbox)
    return product
  }
  // The write of the interrupted attempt has arrived meanwhile.
  const landed = await deps.products.load(id)
  if (!landed) throw new AppError('conflict')
  return landed
}

/**
 * Changes the fields that are present and keeps the others. Stock levels are set before the product is written, because inventory may
 * refuse them; everything else is checked before that.
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
  const save = (before: Product, after: Details) => saveChange(deps, editor, before, change, newIds, after)
  const decide = (before: Product): Details => {
    if (editor.role !== 'admin' && before.sellerId !== editor.userId) throw new AppError('not_found')
    if (expected.ifMatch !== undefined && expected.ifMatch !== before.version) throw new AppError('precondition_failed')
    if (expected.version !== undefined && expected.version !== before.version) throw new AppError('conflict')
    return changed(before, change, newIds)
  }
  const attempts = expected.version === undefined ? undefined : 1
  const product = await changeDocument({ load: deps.products.load, save }, productId, decide, attempts)
  if (!product) throw new AppError('not_found')
  return product
}

/** The fields that another Worker may change. */
const Revisable = ChangeBody.pick({ version: true, title: true, description: true, tags: true, images: true, variants: true })
  .required({ version: true })
  .strict()

/**
 * Changes a product for another Worker on behalf of its seller, with the limits of the seller's own PATCH. Returns the new version.
 * @throws as `changeProduct`
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

/** Takes a product off sale. It is kept for the orders that refer to it. @throws as `changeProduct` */
export async function archiveProduct(deps: Needs, editor: Editor, productId: ProductId, expected: Expected = {}): Promise<void> {
  await changeProduct(deps, editor, productId, { status: 'archived' }, expected)
}

type Details = ReturnType<typeof changed>

/** Takes and opens what a change needs, then writes it. @throws AppError `conflict` when another writer was first */
async function saveChange(
  deps: Needs,
  editor: Editor,
  before: Product,
  change: Change,
  newIds: readonly VariantId[],
  after: Details,
): Promise<Shown> {
  if (sameDetails(before, after)) return changeLevels(deps, editor, before, change)
  const productId = before._id
  const [kept, needed] = [skusOf(before), skusOf(after)]
  const claimed = await claimSkus(deps, before, without(needed, kept))
  const { opened, givenUp, answers } = await beforeWrite(deps, claimed, async () => ({
    opened: await openStock(deps, before, additions(change, newIds)),
    givenUp: await findClaims(deps, before.sellerId, without(kept, needed)),
    answers: await setLevels(deps, editor, before, change),
  }))
  const changes = updatedData({ ...before, version: before.version + 1 }, after, before, opened)
  const event = deps.event('product.updated', productId, changes)
  const write = writeWithEvents<Product>(before, { ...after, ...stockFields(recordedStockOf(opened)), updatedAt: deps.now() }, [
    event,
  ])
  const product = await writeWithClaims(deps, claimed, () => deps.products.save(productId, write, answers)).catch(
    async (error) => {
      if (answers.length > 0) await invalidateProducts(deps.cache, [productId])
      throw error
    },
  )
  await releaseClaims(deps, givenUp)
  await publishChange(deps, productId, [event])
  return product
}

/** Sets the stock of a product that a change does not alter otherwise. */
async function changeLevels(deps: Needs, editor: Editor, product: Product, change: Change): Promise<Shown> {
  const answers = await setLevels(deps, editor, product, change)
  if (answers.length === 0) return product
  const recorded = await deps.products.recordAnswers(product._id, answers)
  await invalidateProducts(deps.cache, [product._id])
  if (!recorded) throw new AppError('not_found')
  return recorded
}

/** The stock fields of new variants; the fields of other variants stay as they are. */
const stockFields = (opened: Product['stock']): object =>
  Object.fromEntries(Object.entries(opened).map(([variantId, stock]) => [`stock.${variantId}`, stock]))

/**
 * Records the availability of a variant. A message that is older than the record changes nothing.
 * @throws AppError `unavailable` when the cache may still show the old availability, so that the message is delivered again
 */
export async function recordStock(deps: Needs, change: EventData<'stock.changed'>): Promise<void> {
  const { productId, variantId, availability, version } = change
  await deps.products.recordStock(productId, variantId, { availability, version }, deps.now())
  // Also when it is recorded already: the first delivery may have failed right after the write.
  if (await invalidateProducts(deps.cache, [productId])) return
  const product = await deps.products.loadShown(productId)
  if (deps.now() < (product?.stockRecordedAt ?? 0) + staleAfterWriteMs)
    throw new AppError('unavailable', 'The cache does not answer')
}

const without = (skus: readonly string[], others: readonly string[]) => skus.filter((sku) => !others.includes(sku))

type Addition = { id: VariantId; stock: number | undefined }

/** The variants that a change adds, with the ids they get. */
const additions = ({ variants = [] }: Pick<Change, 'variants'>, newIds: readonly VariantId[]): Addition[] =>
  newIds.flatMap((id, index) =>
    variants[index] && variants[index].id === undefined ? [{ id, stock: variants[index].stock }] : [],
  )

/** Opens the stock of new variants. Idempotent by variant id. */
async function openStock(
  deps: Needs,
  { _id: productId, sellerId }: Pick<Product, '_id' | 'sellerId'>,
  added: readonly Addition[],
): Promise<Level[]> {
  if (added.length === 0) return []
  return deps.inventory.open(added.map(({ id, stock }) => ({ variantId: id, productId, sellerId, onHand: stock ?? 0 })))
}

/** The stock to record of variants that were just opened, until the first stock.changed. */
const recordedStockOf = (opened: readonly Level[]): Product['stock'] =>
  Object.fromEntries(
    opened.map(({ variantId, availability }): [VariantId, RecordedStock] => [variantId, { availability, version: 0 }]),
  )

/** Sets the stock of existing variants where the change has one, and returns the answers to record. */
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
    recorded: { availability, version: stock[variantId]?.version ?? 0 },
  }))
}

/** Releases the claims when the work before the write fails, since no product needs them then. */
async function beforeWrite<T>(deps: Needs, claimed: Claimed, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await releaseSkus(deps, claimed)
    throw error
  }
}

/** Releases the claims when the write is refused. After any other failure it may have happened, so the claims stay and expire if not. */
async function writeWithClaims<T>(deps: Needs, claimed: Claimed, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    const refusal = AppError.from(error)
    if (refusal && refusal.status < 500) await releaseSkus(deps, claimed)
    throw error
  }
}

/** Publishes a change once the cache shows nothing older, so that no subscriber reads an old answer. Otherwise the sweep publishes it. */
async function publishChange(deps: Needs, productId: ProductId, events: Product['outbox']): Promise<void> {
  if (!(await invalidateProducts(deps.cache, [productId]))) return
  await deps.products.flush(deps.publish, [{ _id: productId, outbox: events }])
}
