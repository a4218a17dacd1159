import { AppError } from '../../shared/contracts/errors'
import type { UserId } from '../../shared/contracts/ids'
import type { Receipt } from '../../shared/contracts/inventory'
import { retryOnConflict } from '../../shared/events/outbox'
import type { Deps } from './deps'
import { settle } from './settle'
import { countWrite, type StockSummary } from './stock'

/** The most units of one receipt, and the most that may be there after it; what a seller's own count may say. */
const maxUnits = 10_000_000

/**
 * Adds units that arrived to what is physically there, once per receipt: the movement has the receipt's id. A count bumps what the write
 * is filtered on, so of two deliveries of one receipt the second finds the movement of the first. Returns the stock after that.
 * @throws AppError `not_found`, for another seller's too, `validation_failed`, `conflict`
 */
export async function receive(
  deps: Deps,
  sellerId: UserId,
  { id, variantId, quantity }: Receipt,
  reason: string | null,
): Promise<StockSummary> {
  const movementId = `receipt:${variantId}:${id}`
  const stock = await retryOnConflict(async () => {
    const [before] = await deps.stocks.summaries([variantId])
    if (!before || before.sellerId !== sellerId) throw new AppError('not_found')
    // The journal, which is older here, first: a movement leaves it only after it is in the collection.
    const isKnown =
      before.journal.some(({ _id }) => _id === movementId) || (await deps.movements.present([movementId])).length > 0
    if (isKnown) return before
    const onHand = before.available + before.held + quantity
    if (!Number.isInteger(quantity) || quantity < 1 || onHand > maxUnits) throw tooMany()
    const by = { _id: movementId, actorId: sellerId, reason, at: deps.now() }
    const { did, stocks } = await deps.stocks.attemptAndFind([countWrite(before, onHand, by)])
    const [after] = stocks
    if (!did[0] || !after) throw new AppError('conflict')
    return after
  })
  await settle(deps, [stock])
  return stock
}

function tooMany(): AppError {
  const message = `must be an integer from 1, and no more than ${maxUnits} units may be there`
  return new AppError('validation_failed', `quantity: ${message}`, { errors: [{ path: 'quantity', message }] })
}
