import { AppError } from '../../shared/contracts/errors'
import type { Instant, OrderId, UserId, VariantId } from '../../shared/contracts/ids'
import type { HoldAnswer, Level, Opening, StockLine } from '../../shared/contracts/inventory'
import { retryOnConflict, withOutbox } from '../../shared/events/outbox'
import type { Deps } from './deps'
import { settle } from './settle'
import {
  commitWrite,
  holdWrite,
  levelOf,
  maxHolds,
  movementOf,
  opened,
  releaseWrite,
  restockWrite,
  returnHoldWrite,
  type Stock,
  secureWrite,
  shortage,
} from './stock'

/** Begins to keep stock of variants; one that is kept already stays as it is. */
export async function open(deps: Deps, openings: readonly Opening[]): Promise<Level[]> {
  const variantIds = openings.map(({ variantId }) => variantId)
  await deps.stocks.add(
    openings.map((opening) => ({ ...withOutbox([]), ...opened(opening, deps.newId('mov'), deps.now()), outboxPending: true })),
  )
  await settle(deps, variantIds)
  return levels(deps, variantIds)
}

/** Present levels, in the order asked; a variant nobody opened is out. */
export async function levels(deps: Deps, variantIds: readonly VariantId[]): Promise<Level[]> {
  const found = new Map((await deps.stocks.loadAll(variantIds)).map((stock) => [stock._id, levelOf(stock)]))
  return variantIds.map((variantId) => found.get(variantId) ?? { variantId, available: 0, availability: 'out' })
}

/** A seller's own stock. @throws AppError `not_found`, for somebody else's too */
export async function stockOf(deps: Deps, variantId: VariantId, sellerId: UserId | 'any'): Promise<Stock> {
  const stock = await deps.stocks.load(variantId)
  if (!stock || (sellerId !== 'any' && stock.sellerId !== sellerId)) throw new AppError('not_found')
  return stock
}

/** Sets what is physically there, held units included. @throws AppError `not_found`, `invalid_state` (more is held), `conflict` */
export async function setOnHand(
  deps: Deps,
  variantId: VariantId,
  sellerId: UserId | 'any',
  change: { onHand: number; actorId: UserId; reason: string | null },
): Promise<Stock> {
  await retryOnConflict(async () => {
    const stock = await stockOf(deps, variantId, sellerId)
    const available = change.onHand - stock.held
    if (available < 0) throw new AppError('invalid_state', `${stock.held} units are held for orders; onHand cannot be less`)
    const delta = available - stock.available
    if (delta === 0) return
    const movement = {
      ...{ _id: deps.newId('mov'), variantId, sellerId: stock.sellerId, kind: 'set' as const, quantity: delta, orderId: null },
      ...{ actorId: change.actorId, reason: change.reason, at: deps.now() },
    }
    const { matchedCount } = await deps.stocks.collection.updateOne(
      { _id: variantId, version: stock.version },
      { $set: { available, outboxPending: true }, $inc: { version: 1 }, $push: { journal: movement } },
    )
    if (matchedCount === 0) throw new AppError('conflict')
  }, 50)
  await settle(deps, [variantId])
  return stockOf(deps, variantId, sellerId)
}

/** Holds all lines or none. Idempotent by order id. @throws AppError `busy` when a variant carries too many open holds */
export async function hold(deps: Deps, orderId: OrderId, lines: readonly StockLine[], expiresAt: Instant): Promise<HoldAnswer> {
  const answer = await take(deps, orderId, lines, expiresAt)
  const touched = answer === 'held' ? lines : lines.filter((line) => !answer.failed.includes(line))
  if (answer !== 'held') await giveBack(deps, orderId, touched)
  await settle(deps, idsOf(touched))
  if (answer === 'held') return { held: true }
  if (answer.full) throw new AppError('busy', 'Too many open orders for one of these; try again shortly', { retryAfter: 2 })
  return shortage(answer.failed, answer.found)
}

type Refusal = { failed: StockLine[]; found: Stock[]; full: boolean }

async function take(deps: Deps, orderId: OrderId, lines: readonly StockLine[], expiresAt: Instant): Promise<'held' | Refusal> {
  const taken = await deps.stocks.attempt(lines.map((line) => holdWrite(orderId, line, expiresAt, deps.now())))
  const untaken = lines.filter((_line, index) => !taken[index])
  if (untaken.length === 0) return 'held'
  const found = await deps.stocks.loadAll(idsOf(untaken))
  const failed = untaken.filter(({ variantId }) => {
    const stock = found.find(({ _id }) => _id === variantId)
    return !stock?.holds.some((held) => held.orderId === orderId)
  })
  if (failed.length === 0) return 'held'
  const full = failed.every(({ variantId, quantity }) => {
    const stock = found.find(({ _id }) => _id === variantId)
    return stock !== undefined && stock.holds.length >= maxHolds && stock.available >= quantity
  })
  return { failed, found, full }
}

async function giveBack(deps: Deps, orderId: OrderId, lines: readonly StockLine[]): Promise<void> {
  await deps.stocks.attempt(lines.map((line) => releaseWrite(orderId, line, deps.now())))
}

/** Makes a paid order's holds permanent, taking again what had expired. Idempotent by order id. */
export async function secure(deps: Deps, orderId: OrderId, lines: readonly StockLine[]): Promise<HoldAnswer> {
  const secureAll = (some: readonly StockLine[]) =>
    deps.stocks.attempt(some.map(({ variantId }) => secureWrite(orderId, variantId)))
  const secured = await secureAll(lines)
  const missed = lines.filter((_line, index) => !secured[index])
  const sold = await committed(deps, orderId, missed)
  const lost = missed.filter((line) => !sold.includes(line))
  if (lost.length === 0) return { held: true }
  const answer = await take(deps, orderId, lost, deps.now() + 60_000)
  if (answer === 'held' && (await secureAll(lost)).every(Boolean)) {
    await settle(deps, idsOf(lost))
    return { held: true }
  }
  await giveBack(deps, orderId, lines)
  await settle(deps, idsOf(lines))
  return answer === 'held' ? { held: false, short: [] } : shortage(answer.failed, answer.found)
}

/** The lines whose units were sold: the movement is in the journal, or already moved from there to its collection. */
async function committed(deps: Deps, orderId: OrderId, lines: readonly StockLine[]): Promise<StockLine[]> {
  if (lines.length === 0) return []
  const idOf = (line: StockLine) => movementOf('commit', orderId, line, 0)._id
  // The journal first: a movement leaves it only after it is in the collection.
  const stocks = await deps.stocks.loadAll(idsOf(lines))
  const recorded = await deps.movements.present(lines.map(idOf))
  const journaled = stocks.flatMap(({ journal }) => journal.map(({ _id }) => _id))
  return lines.filter((line) => journaled.includes(idOf(line)) || recorded.includes(idOf(line)))
}

/** Gives unpaid holds back. Idempotent by order id. */
export async function release(deps: Deps, orderId: OrderId, lines: readonly StockLine[]): Promise<void> {
  await giveBack(deps, orderId, lines)
  await settle(deps, idsOf(lines))
}

/** Turns the holds of a paid order into sales. A hold that is gone was committed or returned before. */
export async function commit(deps: Deps, orderId: OrderId, lines: readonly StockLine[]): Promise<void> {
  await deps.stocks.attempt(lines.map((line) => commitWrite(orderId, line, deps.now())))
  await settle(deps, idsOf(lines))
}

/** Puts the units of an order that was paid and then canceled back, whether they were still held or sold already; once. */
export async function restock(deps: Deps, orderId: OrderId, lines: readonly StockLine[]): Promise<void> {
  const returned = await deps.stocks.attempt(lines.map((line) => returnHoldWrite(orderId, line, deps.now())))
  const unheld = lines.filter((_line, index) => !returned[index])
  const sold = await committed(deps, orderId, unheld)
  await deps.stocks.attempt(sold.map((line) => restockWrite(orderId, line, deps.now())))
  await settle(deps, idsOf(lines))
}

const idsOf = (lines: readonly StockLine[]): VariantId[] => lines.map(({ variantId }) => variantId)
