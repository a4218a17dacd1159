import type { VariantId } from '../../shared/contracts/ids'
import { logger } from '../../shared/http/logger'
import type { Deps } from './deps'
import { availabilityOf, type Stock, type Write } from './stock'

/**
 * Finishes what a write began: announces a new availability, sends the outbox, moves the journal to its collection. Orders
 * write without reading, so the availability is compared afterwards, level-triggered: whoever settles last tells the truth.
 * A failure is left to the sweep, since the write itself is done.
 */
export async function settle(deps: Deps, variantIds: readonly VariantId[]): Promise<void> {
  if (variantIds.length === 0) return
  try {
    const stocks = await announce(deps, await deps.stocks.loadAll(variantIds))
    await deliver(
      deps,
      stocks.filter(({ outboxPending }) => outboxPending),
    )
  } catch (error) {
    logger.warn('stock waits for the sweep', { variantIds, error })
  }
}

/** Sends the outboxes and records the journals, then takes out what was sent and recorded. */
async function deliver(deps: Deps, stocks: readonly Stock[]): Promise<void> {
  if (stocks.length === 0) return
  await Promise.all([
    deps.publish(stocks.flatMap(({ outbox }) => outbox)),
    deps.movements.record(stocks.flatMap(({ journal }) => journal)),
  ])
  await deps.stocks.attempt(
    stocks.flatMap(({ _id, outbox, journal }) => [
      {
        filter: { _id },
        update: {
          $pull: {
            outbox: { id: { $in: outbox.map(({ id }) => id) } },
            journal: { _id: { $in: journal.map((movement) => movement._id) } },
          },
        },
      },
      // Whoever wrote meanwhile has a movement in the journal, and settles after us.
      { filter: { _id, outbox: [], journal: [] }, update: { $set: { outboxPending: false } } },
    ]),
  )
}

/** Puts stock.changed into the outbox where the level is another than the announced one. Returns the documents after that. */
async function announce(deps: Deps, stocks: readonly Stock[]): Promise<Stock[]> {
  const moved = stocks.filter((stock) => availabilityOf(stock) !== stock.announced)
  if (moved.length === 0) return [...stocks]
  await deps.stocks.attempt(moved.map((stock) => announcement(deps, stock)))
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
