import { keepSuccessful } from '../../shared/events/keep-successful'
import { writeWithEvents } from '../../shared/events/outbox'
import type { MakeEvent, Publish } from '../../shared/events/publish'
import { logger } from '../../shared/runtime/logger'
import type { StockRepo } from './repo'
import { availabilityOf, type Stock, type StockSummary, type StockWrite } from './stock'

/** What it takes to finish a write of stock. */
export type FlushNeeds = {
  stocks: Pick<StockRepo, 'attemptAndFind' | 'flush'>
  event: MakeEvent<'inventory'>
  publish: Publish
}

/**
 * Finishes what a write began: publishes a new availability, sends the outbox, moves the journal to its collection. Orders write
 * without reading, so the availability is compared afterwards, level-triggered: the last writer publishes the true level.
 * `found` are stocks as they were read after the write, the latest of each last, and also those that it did not change, since their
 * own writer may have crashed. A failure is left to the sweep, because the write itself is done.
 */
export async function flushStock(deps: FlushNeeds, found: readonly StockSummary[]): Promise<void> {
  const stocks = new Map(found.map((stock) => [stock._id, stock]))
  try {
    // A stock whose level is not published yet keeps its journal, by which the last writer or the sweep finds it.
    const current = await recordLevels(deps, [...stocks.values()])
    const pending = current.filter(({ outboxPending }) => outboxPending)
    await deps.stocks.flush(pending, deps.publish)
  } catch (error) {
    logger.warn('stock waits for the sweep', { variantIds: [...stocks.keys()], error })
  }
}

const isPublished = (stock: StockSummary): boolean => availabilityOf(stock) === stock.publishedAvailability

/** Puts stock.changed into the outbox where the availability is not the published one. Returns the stocks where it is. */
async function recordLevels(deps: FlushNeeds, stocks: readonly StockSummary[]): Promise<StockSummary[]> {
  const published = stocks.filter(isPublished)
  const moved = stocks.filter((stock) => !isPublished(stock))
  await keepSuccessful(moved, async (some) => {
    const after = await deps.stocks.attemptAndFind(some.map((stock) => levelWrite(deps, stock)))
    // Where another writer came in between, nothing is written here: that writer flushes too, and sees the same or a newer level.
    published.push(...after.stocks.filter(isPublished))
  })
  return published
}

function levelWrite(deps: FlushNeeds, stock: StockSummary): StockWrite {
  const { _id: variantId, version, productId, sellerId, publishedAvailability: previous, available } = stock
  const availability = availabilityOf(stock)
  const event = deps.event('stock.changed', variantId, {
    ...{ version: version + 1, variantId, productId, sellerId, availability, previous, available },
  })
  return writeWithEvents<Stock>(stock, { publishedAvailability: availability }, [event]) as StockWrite
}
