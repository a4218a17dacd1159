import { AppError } from '../../shared/contracts/errors'
import { availability, type Envelope } from '../../shared/contracts/events'
import type { EventId, ProductId } from '../../shared/contracts/ids'
import { retryOnConflict } from '../../shared/events/outbox'
import { logger } from '../../shared/http/logger'
import { notify } from './commands'
import type { Deps } from './deps'
import { productNews, stockShort } from './messages'
import { factsOf, type News, newsOf } from './product'
import type { KnownProduct, PendingNews } from './repo'

/** Watchers told at a time, and how many times in one go: a longer list goes on with the next sweep. */
const pageSize = 100
const pagesAtOnce = 5
/** Products per sweep; one run makes a bounded number of calls. */
const productsAtOnce = 5

/** Takes in what is new about a product, and tells its watchers. What is older than what is known changes nothing. */
export async function productChanged(deps: Deps, event: Envelope<'product.updated'>): Promise<void> {
  const { productId, version } = event.data
  await retryOnConflict(async () => {
    const known = await deps.products.findOne({ _id: productId })
    if (known && known.version >= version) return
    const facts = factsOf(event.data)
    const found = newsOf(known?.facts ?? null, facts)
    const news = found ? { [event.id]: { ...found, productId, time: event.time, toldUpTo: '' } } : {}
    if (!known) {
      if (!(await deps.products.insertIfAbsent({ _id: productId, version, facts, news, newsPending: false })))
        throw new AppError('conflict')
      return
    }
    const { matchedCount } = await deps.products.updateOne(
      { _id: productId, version: known.version },
      { $set: { version, facts, ...setNews(news) } },
    )
    if (matchedCount === 0) throw new AppError('conflict')
  })
  await tellWatchers(deps, productId)
}

/** Warns the seller of a variant that runs out, and tells watchers of one that is back. A level older than the known one is dropped. */
export async function stockChanged(deps: Deps, event: Envelope<'stock.changed'>): Promise<void> {
  const { id, data } = event
  if (!(await deps.stock.learn({ _id: data.variantId, version: data.version }))) return
  const known = await deps.products.findOne({ _id: data.productId })
  const wentDown = availability.indexOf(data.availability) > availability.indexOf(data.previous)
  if (wentDown) await notify(deps, id, [{ userId: data.sellerId, message: stockShort(data, known?.facts ?? null) }])
  else if (data.previous === 'out') await backInStock(deps, event, known)
}

async function backInStock(deps: Deps, event: Envelope<'stock.changed'>, known: KnownProduct | null): Promise<void> {
  const { productId, variantId } = event.data
  const news: News = { kind: 'back_in_stock', productId, variantId, time: event.time, title: known?.facts?.title ?? null }
  if (!known) await deps.products.insertIfAbsent({ _id: productId, version: 0, facts: null, news: {}, newsPending: false })
  await deps.products.updateOne({ _id: productId }, { $set: setNews({ [event.id]: { ...news, toldUpTo: '' } }) })
  await tellWatchers(deps, productId)
}

/** An update of single news, which leaves other news alone. */
const setNews = (news: KnownProduct['news']) => ({
  ...Object.fromEntries(Object.entries(news).map(([eventId, each]) => [`news.${eventId}`, each])),
  ...(Object.keys(news).length > 0 ? { newsPending: true } : {}),
})

/** Goes on with products whose watchers have not all heard the news. */
export async function resumeNews(deps: Deps): Promise<void> {
  const products = await deps.products.find({ newsPending: true }, { sort: { _id: 1 }, limit: productsAtOnce })
  for (const { _id } of products) {
    try {
      await tellWatchers(deps, _id)
    } catch (error) {
      logger.warn('watchers wait for the next sweep', { productId: _id, error })
    }
  }
}

async function tellWatchers(deps: Deps, productId: ProductId): Promise<void> {
  const known = await deps.products.findOne({ _id: productId })
  if (!known?.newsPending) return
  for (const [eventId, news] of Object.entries(known.news)) await tellNews(deps, eventId as EventId, news)
  await deps.products.updateOne({ _id: productId, news: {} }, { $set: { newsPending: false } })
}

async function tellNews(deps: Deps, eventId: EventId, { toldUpTo, ...news }: PendingNews): Promise<void> {
  const mine = { _id: news.productId, [`news.${eventId}.kind`]: news.kind }
  const message = productNews(news)
  let last = toldUpTo
  for (let page = 0; page < pagesAtOnce; page++) {
    const userIds = await deps.watches.watchers(news.productId, last, pageSize)
    await notify(
      deps,
      eventId,
      userIds.map((userId) => ({ userId, message })),
    )
    if (userIds.length < pageSize) {
      await deps.products.updateOne(mine, { $unset: { [`news.${eventId}`]: '' } })
      return
    }
    last = userIds.at(-1) ?? last
    await deps.products.updateOne(mine, { $set: { [`news.${eventId}.toldUpTo`]: last } })
  }
}
