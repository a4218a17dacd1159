import type { VariantId } from '../../shared/contracts/ids'
import { flush, type Write } from '../../shared/events/outbox'
import { tolerantly } from '../../shared/events/tolerantly'
import { logger } from '../../shared/http/logger'
import type { Deps } from './deps'
import { availabilityOf, type Stock } from './stock'

/**
 * Finishes what a write began: announces a new availability, sends the outbox, moves the journal to its collection. Orders
 * write without reading, so the availability is compared afterwards, level-triggered: whoever settles last tells the truth.
 * A failure is left to the sweep, since the write itself is done.
 */
export async function settle(deps: Deps, variantIds: readonly VariantId[]): Promise<void> {
  if (variantIds.length === 0) return
  try {
    const stocks = await announce(deps, await deps.stocks.loadAll(variantIds))
    // One whose level is still untold keeps its journal, by which whoever wrote last, or the sweep, finds it.
    await flush(
      { collection: deps.stocks.collection, publish: deps.publish, record: deps.movements.record },
      stocks.filter((stock) => stock.outboxPending && isAnnounced(stock)),
    )
  } catch (error) {
    logger.warn('stock waits for the sweep', { variantIds, error })
  }
}

const isAnnounced = (stock: Stock): boolean => availabilityOf(stock) === stock.announced

/** Puts stock.changed into the outbox where the level is another than the announced one. Returns the documents after that. */
async function announce(deps: Deps, stocks: readonly Stock[]): Promise<Stock[]> {
  const moved = stocks.filter((stock) => !isAnnounced(stock))
  if (moved.length === 0) return [...stocks]
  await tolerantly(moved, (some) => deps.stocks.attempt(some.map((stock) => announcement(deps, stock))))
  // When somebody wrote in between, nothing was announced here: they settle too, and see the same or a newer level.
  return deps.stocks.loadAll(stocks.map(({ _id }) => _id))
}

function announcement(deps: Deps, stock: Stock): Write {
  const { _id: variantId, version, productId, sellerId, announced, available } = stock
  const availability = availabilityOf(stock)
  const event = deps.event('stock.changed', variantId, {
    ...{ version: version + 1, variantId, productId, sellerId, availability, previous: announced, available },
  })
  return {
    filter: { _id: variantId, version },
    update: { $set: { announced: availability, outboxPending: true }, $inc: { version: 1 }, $push: { outbox: event } },
  }
}
