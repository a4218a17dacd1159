import { AppError } from '../../../shared/contracts/errors'
import type { Envelope } from '../../../shared/contracts/events'
import { availability } from '../../../shared/contracts/facts'
import type { EventId, ProductId } from '../../../shared/contracts/ids'
import { retryOnConflict } from '../../../shared/events/outbox'
import { logger } from '../../../shared/runtime/logger'
import { productNews, stockShort } from '../content/messages'
import { factsOf, type News, newsOf } from '../content/product-view'
import type { Deps } from '../deps'
import type { KnownProduct, PendingNews } from '../repo'
import { notify } from './commands'

/** Watchers told at a time, and how many times in one go: a longer list goes on with the next sweep. */
const pageSize = 100
const pagesAtOnce = 5
/** Products per sweep; one run makes a bounded number of calls. */
const productsAtOnce = 5

/** Takes in what is new about a product, and tells its watchers. What is older than what is known changes nothing. */
export async function productChanged(deps: Deps, event: Envelope<'product.updated'>): Promise<void> {
  const { productId, version } = event.data
  const known = await retryOnConflict(async () => {
    const known = await deps.products.findOne({ _id: productId })
    if (known && known.version >= version) return known
    const facts = factsOf(event.data)
    const found = newsOf(known?.facts ?? null, facts)
    const news = found ? { [event.id]: { ...found, productId, time: event.time, toldUpTo: '' } } : {}
    if (!known) {
      const first = { _id: productId, version, facts, news, newsPending: false }
      if (!(await deps.products.insertIfAbsent(first))) throw new AppError('conflict')
      return first
    }
    const update = { $set: { version, facts, ...setNews(news) } }
    const after = await deps.products.updateAndFind({ _id: productId, version: known.version }, update)
    if (!after) throw new AppError('conflict')
    return after
  })
  await tellWatchers(deps, known)
}

/** Warns the seller of a variant that runs out, and tells watchers of one that is back. A level older than the known one is dropped. */
export async function stockChanged(deps: Deps, event: Envelope<'stock.changed'>): Promise<void> {
  const { id, data } = event
  const [, learnt, { document }] = await deps.documents.batch([
    ...deps.stock.learning({ _id: data.variantId, version: data.version }),
    deps.products.plan({ action: 'findOne', filter: { _id: data.productId } }),
  ])
  if (!deps.stock.isNewest(learnt)) return
  const known = document as KnownProduct | null
  const wentDown = availability.indexOf(data.availability) > availability.indexOf(data.previous)
  if (wentDown) await notify(deps, id, [{ userId: data.sellerId, message: stockShort(data, known?.facts ?? null) }])
  else if (data.previous === 'out' && (known?.facts?.status ?? 'active') === 'active') await backInStock(deps, event, known)
}

async function backInStock(deps: Deps, event: Envelope<'stock.changed'>, known: KnownProduct | null): Promise<void> {
  const { productId, variantId } = event.data
  const news: News = { kind: 'back_in_stock', productId, variantId, time: event.time, title: known?.facts?.title ?? null }
  if (!known) await deps.products.insertIfAbsent({ _id: productId, version: 0, facts: null, news: {}, newsPending: false })
  const update = { $set: setNews({ [event.id]: { ...news, toldUpTo: '' } }) }
  const after = await deps.products.updateAndFind({ _id: productId }, update)
  if (after) await tellWatchers(deps, after)
}

/** An update of single news, which leaves other news alone. */
const setNews = (news: KnownProduct['news']) => ({
  ...Object.fromEntries(Object.entries(news).map(([eventId, each]) => [`news.${eventId}`, each])),
  ...(Object.keys(news).length > 0 ? { newsPending: true } : {}),
})

/** Goes on with products whose watchers have not all heard the news. */
export async function resumeNews(deps: Deps): Promise<void> {
  const products = await deps.products.find({ newsPending: true }, { sort: { _id: 1 }, limit: productsAtOnce })
  for (const product of products) {
    try {
      await tellWatchers(deps, product)
    } catch (error) {
      logger.warn('watchers wait for the next sweep', { productId: product._id, error })
    }
  }
}

/** Nothing is pending once all have heard everything. */
const settled = (_id: ProductId) =>
  ({ action: 'updateOne', filter: { _id, news: {} }, update: { $set: { newsPending: false } } }) as const

async function tellWatchers(deps: Deps, { _id, news, newsPending }: KnownProduct): Promise<void> {
  if (!newsPending) return
  // A crash came between the two writes that end them.
  if (Object.keys(news).length === 0) await deps.products.batch([settled(_id)])
  for (const [eventId, each] of Object.entries(news)) await tellNews(deps, eventId as EventId, each)
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
      await deps.products.batch([
        { action: 'updateOne', filter: mine, update: { $unset: { [`news.${eventId}`]: '' } } },
        settled(news.productId),
      ])
      return
    }
    last = userIds.at(-1) ?? last
    await deps.products.updateOne(mine, { $set: { [`news.${eventId}.toldUpTo`]: last } })
  }
}
