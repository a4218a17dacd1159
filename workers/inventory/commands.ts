import { AppError } from '../../shared/contracts/errors'
import type { Instant, NewId, OrderId, UserId, VariantId } from '../../shared/contracts/ids'
import type { Count, HoldAnswer, Level, Opening, StockLine } from '../../shared/contracts/inventory'
import { retryOnConflict, withOutbox } from '../../shared/events/outbox'
import { type FlushNeeds, flushStock } from './flush-stock'
import type { MovementRepo, StockRepo } from './repo'
import {
  commitWrite,
  confirmWrite,
  countWrite,
  type Hold,
  holdWrite,
  levelOf,
  type MovementKind,
  maxHolds,
  movementOf,
  opened,
  releaseWrite,
  restockWrite,
  returnHoldWrite,
  type Stock,
  type StockSummary,
  shortage,
} from './stock'

type Needs = FlushNeeds & {
  stocks: Pick<StockRepo, 'add' | 'attempt' | 'loadAll' | 'summaries'>
  movements: Pick<MovementRepo, 'present'>
  newId: NewId
  now(): Instant
}

/** Begins to keep stock of variants; a variant whose stock is kept already stays as it is. */
export async function open(deps: Needs, openings: readonly Opening[]): Promise<Level[]> {
  const variantIds = idsOf(openings)
  const stocks = await deps.stocks.add(
    openings.map((opening) => ({ ...withOutbox([]), ...opened(opening, deps.newId('mov'), deps.now()), outboxPending: true })),
  )
  await flushStock(deps, stocks)
  return levelsIn(stocks, variantIds)
}

/** Present levels, in the order of `variantIds`; a variant without stock is out. */
export const levels = async ({ stocks }: Pick<Needs, 'stocks'>, variantIds: readonly VariantId[]): Promise<Level[]> =>
  levelsIn(await stocks.summaries(variantIds), variantIds)

function levelsIn(stocks: readonly StockSummary[], variantIds: readonly VariantId[]): Level[] {
  const found = new Map(stocks.map((stock) => [stock._id, levelOf(stock)]))
  return variantIds.map((variantId) => found.get(variantId) ?? { variantId, available: 0, availability: 'out' })
}

/** A seller's own stock. @throws AppError `not_found`, for another seller's too */
export async function stockOf(
  { stocks }: { stocks: Pick<StockRepo, 'load'> },
  variantId: VariantId,
  sellerId: UserId | 'any',
): Promise<Stock> {
  const stock = await stocks.load(variantId)
  if (!stock || (sellerId !== 'any' && stock.sellerId !== sellerId)) throw new AppError('not_found')
  return stock
}

/**
 * Sets what is physically there. All counts are checked before any is written; an order that comes at that very moment can still
 * make one of several fail. Returns the stocks after that, in the order of the counts.
 * @throws AppError `not_found`, for another seller's too, `invalid_state` (more is held), `conflict`
 */
export async function setOnHand(
  deps: Needs,
  sellerId: UserId | 'any',
  counts: readonly Count[],
  by: { actorId: UserId; reason: string | null },
): Promise<StockSummary[]> {
  const present = new Map<VariantId, StockSummary>()
  let left = counts
  await retryOnConflict(async () => {
    for (const stock of await deps.stocks.summaries(idsOf(left))) present.set(stock._id, stock)
    const writes = left.map(({ variantId, onHand }) => {
      const stock = present.get(variantId)
      if (!stock || (sellerId !== 'any' && stock.sellerId !== sellerId)) throw new AppError('not_found')
      if (onHand < stock.held) {
        throw new AppError('invalid_state', `${stock.held} units of ${variantId} are held for orders; onHand cannot be less`)
      }
      const write = countWrite(stock, onHand, { _id: deps.newId('mov'), ...by, at: deps.now() })
      return { write, moves: onHand !== stock.available + stock.held, count: { variantId, onHand } }
    })
    const moving = writes.filter(({ moves }) => moves)
    const { done, stocks } = await deps.stocks.attemptAndFind(moving.map(({ write }) => write))
    for (const stock of stocks) present.set(stock._id, stock)
    // A count that is written is not written again: units may be sold since.
    left = moving.filter((_each, index) => !done[index]).map(({ count }) => count)
    if (left.length > 0) throw new AppError('conflict')
  })
  const stocks = idsOf(counts).flatMap((variantId) => present.get(variantId) ?? [])
  await flushStock(deps, stocks)
  return stocks
}

/**
 * Holds all lines, or no more than before. Idempotent by order id.
 * @throws AppError `busy` when a variant carries too many open holds, `invalid_state` when the order holds another quantity
 */
export async function hold(deps: Needs, orderId: OrderId, lines: readonly StockLine[], expiresAt: Instant): Promise<HoldAnswer> {
  const { taken, kept, failed, found, after } = await take(deps, orderId, lines, expiresAt)
  const renewed = await renew(deps, orderId, failed.length > 0 ? [] : kept, found, expiresAt)
  const lost = [...failed, ...renewed.lost]
  // Only the lines that this attempt took: another attempt may have made an order of the rest.
  const undoing = lost.length > 0 ? taken.map((line) => releaseWrite(orderId, line, deps.now(), 'unconfirmed')) : []
  const undone = await deps.stocks.attemptAndFind(undoing)
  await flushStock(deps, [...after, ...found, ...renewed.after, ...undone.stocks])
  return lost.length > 0 ? refused(orderId, lost, found) : { held: true }
}

type Taking = {
  taken: StockLine[]
  /** Lines that the order held before. */
  kept: StockLine[]
  failed: StockLine[]
  /** The stock of all lines that were not taken. */
  found: Stock[]
  /** The stock of all lines, as the taking left it. */
  after: StockSummary[]
}

async function take(deps: Needs, orderId: OrderId, lines: readonly StockLine[], expiresAt: Instant): Promise<Taking> {
  const writes = lines.map((line) => holdWrite(orderId, line, expiresAt, deps.now()))
  const { done, stocks: after } = await deps.stocks.attemptAndFind(writes)
  const taken = lines.filter((_line, index) => done[index])
  const others = lines.filter((_line, index) => !done[index])
  const found = others.length === 0 ? [] : await deps.stocks.loadAll(idsOf(others))
  const isHeld = (line: StockLine) => holdIn(found, orderId, line)?.quantity === line.quantity
  return { taken, kept: others.filter(isHeld), failed: others.filter((line) => !isHeld(line)), found, after }
}

const holdIn = (stocks: readonly Stock[], orderId: OrderId, { variantId }: StockLine): Hold | undefined =>
  stocks.find(({ _id }) => _id === variantId)?.holds.find((each) => each.orderId === orderId)

/**
 * Takes again what an earlier attempt held for a shorter time: it would expire before the order of this attempt. `lost` are the lines
 * that another order took in between.
 */
async function renew(
  deps: Needs,
  orderId: OrderId,
  kept: readonly StockLine[],
  found: readonly Stock[],
  expiresAt: Instant,
): Promise<{ lost: StockLine[]; after: StockSummary[] }> {
  const short = kept.filter((line) => {
    const isConfirmed = found.some(({ _id, confirmed }) => _id === line.variantId && confirmed.includes(orderId))
    return !isConfirmed && (holdIn(found, orderId, line)?.expiresAt ?? expiresAt) < expiresAt
  })
  const { done, stocks: after } = await deps.stocks.attemptAndFind(
    short.flatMap((line) => [
      releaseWrite(orderId, line, deps.now(), 'unconfirmed'),
      holdWrite(orderId, line, expiresAt, deps.now()),
    ]),
  )
  return { lost: short.filter((_line, index) => !done[2 * index + 1]), after }
}

/** The answer when lines could not be held. @throws AppError `busy`, `invalid_state` */
function refused(orderId: OrderId, lines: readonly StockLine[], found: readonly Stock[]): HoldAnswer {
  if (lines.some((line) => holdIn(found, orderId, line) && holdIn(found, orderId, line)?.quantity !== line.quantity)) {
    throw new AppError('invalid_state', 'The order holds another quantity')
  }
  const isFull = ({ variantId, quantity }: StockLine) =>
    found.some(({ _id, openHolds, available }) => _id === variantId && openHolds >= maxHolds && available >= quantity)
  if (lines.every(isFull))
    throw new AppError('busy', 'Too many open orders for one of these; try again shortly', { retryAfter: 2 })
  return shortage(lines, found)
}

/**
 * Makes a paid order's holds permanent, taking again what had expired. Idempotent by order id. When that is refused, the holds that
 * the order has stay until it is canceled: another delivery of the same event may have confirmed them.
 * @throws AppError `busy`, `invalid_state`, as `hold`
 */
export async function confirm(deps: Needs, orderId: OrderId, lines: readonly StockLine[]): Promise<HoldAnswer> {
  const missed = await confirmHeld(deps, orderId, lines)
  // An order is committed only after all its lines were confirmed, so one sale proves that.
  if (missed.length === 0 || (await isCommitted(deps, orderId, missed))) return { held: true }
  const { failed, found, after } = await take(deps, orderId, missed, deps.now() + 60_000)
  const still = failed.length === 0 ? await confirmHeld(deps, orderId, missed) : []
  await flushStock(deps, [...after, ...found])
  if (failed.length > 0) return refused(orderId, failed, found)
  return still.length === 0 || (await isCommitted(deps, orderId, still)) ? { held: true } : shortage(still, found)
}

/** Confirms the lines that are held and returns the others. */
async function confirmHeld(deps: Needs, orderId: OrderId, lines: readonly StockLine[]): Promise<StockLine[]> {
  const done = await deps.stocks.attempt(lines.map((line) => confirmWrite(orderId, line)))
  return lines.filter((_line, index) => !done[index])
}

const isCommitted = async (deps: Needs, orderId: OrderId, lines: readonly StockLine[]): Promise<boolean> =>
  (await recorded(deps, orderId, lines, ['commit'])).size > 0

/** The ids of an order's movements of these kinds: they are in the journal, or already moved from there to their collection. */
async function recorded(
  deps: Needs,
  orderId: OrderId,
  lines: readonly StockLine[],
  kinds: readonly MovementKind[],
): Promise<Set<string>> {
  if (lines.length === 0) return new Set()
  const wanted = lines.flatMap((line) => kinds.map((kind) => movementOf(kind, orderId, line, 0)._id))
  // The journal first: a movement leaves it only after it is in the collection.
  const journaled = (await deps.stocks.loadAll(idsOf(lines))).flatMap(({ journal }) => journal.map(({ _id }) => _id))
  return new Set([...wanted.filter((id) => journaled.includes(id)), ...(await deps.movements.present(wanted))])
}

/** Releases the holds of an order. Idempotent by order id. */
export async function release(
  deps: Needs,
  orderId: OrderId,
  lines: readonly StockLine[],
  which: 'any' | 'unconfirmed' = 'any',
): Promise<void> {
  const { stocks } = await deps.stocks.attemptAndFind(lines.map((line) => releaseWrite(orderId, line, deps.now(), which)))
  await flushStock(deps, stocks)
}

/** Turns the holds of a paid order into sales. A hold that is gone was committed or returned before. */
export async function commit(deps: Needs, orderId: OrderId, lines: readonly StockLine[]): Promise<void> {
  const { stocks } = await deps.stocks.attemptAndFind(lines.map((line) => commitWrite(orderId, line, deps.now())))
  await flushStock(deps, stocks)
}

/** Makes the units of an order that was paid and then canceled available again, once, whether they were held or sold. */
export async function restock(deps: Needs, orderId: OrderId, lines: readonly StockLine[]): Promise<void> {
  const returned = await deps.stocks.attemptAndFind(lines.map((line) => returnHoldWrite(orderId, line, deps.now())))
  const unheld = lines.filter((_line, index) => !returned.done[index])
  // Stocks forget their returns after a while, movements never.
  const known = await recorded(deps, orderId, unheld, ['commit', 'restock'])
  const isKnown = (kind: MovementKind, line: StockLine) => known.has(movementOf(kind, orderId, line, 0)._id)
  const sold = unheld.filter((line) => isKnown('commit', line) && !isKnown('restock', line))
  const restocked = await deps.stocks.attemptAndFind(sold.map((line) => restockWrite(orderId, line, deps.now())))
  await flushStock(deps, [...returned.stocks, ...restocked.stocks])
}

const idsOf = (lines: readonly { variantId: VariantId }[]): VariantId[] => lines.map(({ variantId }) => variantId)
