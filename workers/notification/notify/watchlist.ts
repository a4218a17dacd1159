import { AppError } from '../../../shared/contracts/errors'
import type { Envelope } from '../../../shared/contracts/events'
import { availability } from '../../../shared/contracts/facts'
import type { EventId } from '../../../shared/contracts/ids'
import { retryOnConflict } from '../../../shared/events/outbox'
import { logger } from '../../../shared/runtime/logger'
import type { Documents } from '../../../shared/storage/documents'
import { productNews, stockShort } from '../content/messages'
import { factsOf, newsOf, type ProductNews } from '../content/product-view'
import type { KnownProduct, PendingNews, ProductRepo } from '../product-repo'
import type { KnownRepo, KnownStock, WatchRepo } from '../repo'
import { type NotifyNeeds, notify } from './notify'

type Needs = NotifyNeeds & {
  documents: Pick<Documents, 'batch'>
  products: ProductRepo
  stock: KnownRepo<KnownStock>
  watches: Pick<WatchRepo, 'watchers'>
}

/** How many watchers are notified at a time, and how many times in one go; the next sweep continues a longer list. */
const pageSize = 100
const pagesPerRun = 5
/** Products per sweep, so that one run makes a bounded number of calls. */
const productsPerSweep = 5

/** Applies new facts of a product and notifies its watchers. Facts that are older than the known ones change nothing. */
export async function applyProductUpdate(needs: Needs, event: Envelope<'product.updated'>): Promise<void> {
  const { productId, version } = event.data
  const { products } = needs
  const known = await retryOnConflict(async () => {
    const known = await products.load(productId)
    if (known && known.version >= version) return known
    const facts = factsOf(event.data)
    if (!known) {
      if (!(await products.add(productId, version, facts))) throw new AppError('conflict')
      return { _id: productId, version, facts, news: {}, newsPending: false }
    }
    const found = newsOf(known.facts, facts)
    const added = found && { eventId: event.id, news: { ...found, productId, time: event.time } }
    const after = await products.update(productId, known.version, version, facts, added)
    if (!after) throw new AppError('conflict')
    return after
  })
  await notifyWatchers(needs, known)
}

/** Warns the seller of a variant that runs out, and notifies watchers of one that is back. Ignores a level older than the known one. */
export async function applyStockChange(needs: Needs, event: Envelope<'stock.changed'>): Promise<void> {
  const { id, data } = event
  const { documents, stock, products } = needs
  const [, applied, found] = await documents.batch([
    ...stock.planApply({ _id: data.variantId, version: data.version }),
    products.planFind(data.productId),
  ])
  if (!stock.isNewest(applied)) return
  const known = products.found(found)
  const wentDown = availability.indexOf(data.availability) > availability.indexOf(data.previous)
  if (wentDown) await notify(needs, id, [{ userId: data.sellerId, message: stockShort(data, known?.facts ?? null) }])
  else if (data.previous === 'out' && (known?.facts?.status ?? 'active') === 'active') await applyBackInStock(needs, event, known)
}

async function applyBackInStock(needs: Needs, event: Envelope<'stock.changed'>, known: KnownProduct | null): Promise<void> {
  const { productId, variantId } = event.data
  const title = known?.facts?.title ?? null
  const news: ProductNews = { kind: 'back_in_stock', productId, variantId, time: event.time, title }
  if (!known) await needs.products.add(productId, 0, null)
  const after = await needs.products.addNews({ eventId: event.id, news })
  if (after) await notifyWatchers(needs, after)
}

/** Continues with products whose news has not reached all watchers. */
export async function resumeProductNews(needs: Needs): Promise<void> {
  for (const product of await needs.products.withPendingNews(productsPerSweep)) {
    try {
      await notifyWatchers(needs, product)
    } catch (error) {
      logger.warn('watchers wait for the next sweep', { productId: product._id, error })
    }
  }
}

async function notifyWatchers(needs: Needs, { _id, news, newsPending }: KnownProduct): Promise<void> {
  if (!newsPending) return
  if (Object.keys(news).length === 0) await needs.products.clearPending(_id)
  for (const [eventId, each] of Object.entries(news)) await notifyWatchersOf(needs, eventId as EventId, each)
}

async function notifyWatchersOf(needs: Needs, eventId: EventId, { notifiedUpTo, ...news }: PendingNews): Promise<void> {
  const sent = { eventId, news }
  const message = productNews(news)
  let last = notifiedUpTo
  for (let page = 0; page < pagesPerRun; page++) {
    const userIds = await needs.watches.watchers(news.productId, last, pageSize)
    await notify(
      needs,
      eventId,
      userIds.map((userId) => ({ userId, message })),
    )
    if (userIds.length < pageSize) {
      await needs.products.finishNews(sent)
      return
    }
    last = userIds.at(-1) ?? last
    await needs.products.recordProgress(sent, last)
  }
}
