import { AppError } from '../../shared/contracts/errors'
import type { Instant, UserId } from '../../shared/contracts/ids'
import type { Receipt } from '../../shared/contracts/inventory'
import { change } from '../../shared/events/change'
import { type FlushNeeds, flushStock } from './flush-stock'
import type { MovementRepo, StockRepo } from './repo'
import { countWrite, type StockSummary } from './stock'

type Needs = FlushNeeds & {
  stocks: Pick<StockRepo, 'summary' | 'perform'>
  movements: Pick<MovementRepo, 'present'>
  now(): Instant
}

/** The most units of one receipt, and the most that may be there after it; a seller's own count has the same limit. */
const maxUnits = 10_000_000

/**
 * Adds units that arrived to what is physically there, once per receipt: the movement has the receipt's id. The write counts up a
 * number that it is filtered on, so the second delivery of a receipt finds the movement of the first. Returns the stock after that.
 * @throws AppError `not_found`, for another seller's too, `validation_failed`, `conflict`
 */
export async function receive(
  deps: Needs,
  sellerId: UserId,
  { id, variantId, quantity }: Receipt,
  reason: string | null,
): Promise<StockSummary> {
  const movementId = `receipt:${variantId}:${id}`
  const stock = await change({ load: deps.stocks.summary, save: deps.stocks.perform }, variantId, async (before) => {
    if (before.sellerId !== sellerId) throw new AppError('not_found')
    // The journal was read first: a movement leaves it only after it is in the collection.
    const isKnown =
      before.journal.some(({ _id }) => _id === movementId) || (await deps.movements.present([movementId])).length > 0
    if (isKnown) return null
    const onHand = before.available + before.held + quantity
    if (!Number.isInteger(quantity) || quantity < 1 || onHand > maxUnits) throw tooMany()
    return countWrite(before, onHand, { _id: movementId, actorId: sellerId, reason, at: deps.now() })
  })
  if (!stock) throw new AppError('not_found')
  await flushStock(deps, [stock])
  return stock
}

function tooMany(): AppError {
  const message = `must be an integer from 1, and no more than ${maxUnits} units may be there`
  return new AppError('validation_failed', `quantity: ${message}`, { errors: [{ path: 'quantity', message }] })
}
