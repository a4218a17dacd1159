import type { Operation } from '../../shared/contracts/data'
import { AppError } from '../../shared/contracts/errors'
import type { Write } from '../../shared/events/outbox'
import { keepSuccessful } from '../../shared/events/tolerantly'
import { logger } from '../../shared/runtime/logger'
import type { Deps } from './deps'
import { availabilityOf, type StockSummary, type StockWrite } from './stock'

/**
 * Finishes what a write began: announces a new availability, sends the outbox, moves the journal to its collection. Orders
 * write without reading, so the availability is compared afterwards, level-triggered: whoever settles last tells the truth.
 * `found` are stocks as they were read after the write, the latest of each last, also those that it did not change: who wrote them
 * before may have broken off. A failure is left to the sweep, since the write itself is done.
 */
export async function settle(deps: Deps, found: readonly StockSummary[]): Promise<void> {
  const stocks = new Map(found.map((stock) => [stock._id, stock]))
  try {
    // One whose level is still untold keeps its journal, by which whoever wrote last, or the sweep, finds it.
    await flush(deps, await announce(deps, [...stocks.values()]))
  } catch (error) {
    logger.warn('stock waits for the sweep', { variantIds: [...stocks.keys()], error })
  }
}

const isAnnounced = (stock: StockSummary): boolean => availabilityOf(stock) === stock.announced

/** Puts stock.changed into the outbox where the level is another than the announced one. Returns those whose level is announced. */
async function announce(deps: Deps, stocks: readonly StockSummary[]): Promise<StockSummary[]> {
  const announced = stocks.filter(isAnnounced)
  const moved = stocks.filter((stock) => !isAnnounced(stock))
  await keepSuccessful(moved, async (some) => {
    const after = await deps.stocks.attemptAndFind(some.map((stock) => announcement(deps, stock)))
    // When somebody wrote in between, nothing was announced here: they settle too, and see the same or a newer level.
    announced.push(...after.stocks.filter(isAnnounced))
  })
  return announced
}

function announcement(deps: Deps, stock: StockSummary): StockWrite {
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

/**
 * Sends events and records movements, then takes them out of their stocks. A crash in between does it twice, never zero times. Events
 * that cannot be sent stay without keeping the journal from being emptied, or a long outage of the queues would fill the stocks.
 */
async function flush(deps: Deps, stocks: readonly StockSummary[]): Promise<void> {
  const left = stocks.filter(({ outboxPending }) => outboxPending)
  const telling = left.filter(({ outbox }) => outbox.length > 0)
  const told = await keepSuccessful(telling, (some) => deps.publish(some.flatMap(({ outbox }) => outbox)))
  const untold = new Set(telling.filter((stock) => !told.includes(stock)))
  await keepSuccessful(left, (some) => record(deps, some, untold))
}

/** Records the journals and empties them, and the outboxes but for the untold, in one round trip; in two when some of it was recorded before. */
async function record(deps: Deps, stocks: readonly StockSummary[], untold: ReadonlySet<StockSummary>): Promise<void> {
  const movements = stocks.flatMap(({ journal }) => journal)
  const insert = { action: 'insertMany' as const, documents: movements, ordered: false }
  const recording = movements.length > 0 ? [deps.movements.collection.plan<Operation>(insert)] : []
  const emptying = stocks.flatMap((stock) =>
    emptied(stock, !untold.has(stock)).map((write) => deps.stocks.collection.plan<Operation>({ action: 'updateOne', ...write })),
  )
  try {
    await deps.documents.batch([...recording, ...emptying])
  } catch (error) {
    // Another who settles at the same time, or a crash, was faster; what was not recorded yet is by now.
    if (!AppError.is(error, 'duplicate_key')) throw error
    await deps.documents.batch(emptying)
  }
}

/** Takes out what was seen, and the flag where nothing came since. Whoever wrote meanwhile has left something of their own, and settles after us. */
function emptied({ _id, version, journal, outbox }: StockSummary, isTold: boolean): Write[] {
  const seen = {
    journal: { _id: { $in: journal.map((movement) => movement._id) } },
    ...(isTold ? { outbox: { id: { $in: outbox.map(({ id }) => id) } } } : {}),
  }
  return [
    { filter: { _id, version }, update: { $set: { journal: [], ...(isTold ? { outbox: [], outboxPending: false } : {}) } } },
    { filter: { _id, version: { $ne: version } }, update: { $pull: seen } },
  ]
}
