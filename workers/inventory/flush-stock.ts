import { writeWithEvents } from '../../shared/events/outbox'
import type { MakeEvent, Publish } from '../../shared/events/publish'
import { keepSuccessful } from '../../shared/events/tolerantly'
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

const isAnnounced = (stock: StockSummary): boolean => availabilityOf(stock) === stock.announced

/** Puts stock.changed into the outbox where the level is not the announced one. Returns the stocks whose level is announced. */
async function recordLevels(deps: FlushNeeds, stocks: readonly StockSummary[]): Promise<StockSummary[]> {
  const announced = stocks.filter(isAnnounced)
  const moved = stocks.filter((stock) => !isAnnounced(stock))
  await keepSuccessful(moved, async (some) => {
    const after = await deps.stocks.attemptAndFind(some.map((stock) => announcement(deps, stock)))
    // When another writer came in between, nothing was announced here: it flushes too, and sees the same or a newer level.
    announced.push(...after.stocks.filter(isAnnounced))
  })
  return announced
}

function announcement(deps: FlushNeeds, stock: StockSummary): StockWrite {
  const { _id: variantId, version, productId, sellerId, announced, available } = stock
  const availability = availabilityOf(stock)
  const event = deps.event('stock.changed', variantId, {
    ...{ version: version + 1, variantId, productId, sellerId, availability, previous: announced, available },
  })
  return writeWithEvents<Stock>(stock, { announced: availability }, [event]) as StockWrite
}
