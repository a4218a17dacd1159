import type { Operation, Results } from '../../../shared/contracts/data'
import type { Envelope } from '../../../shared/contracts/events'
import type { ProductId } from '../../../shared/contracts/ids'
import type { Deps } from '../deps'
import { type Grounds, groundsOf, type Seen, verdictsOn } from './evidence'
import type { Listing } from './listing'
import { isComparable } from './pricing'
import { decide, type Fate, keyOf, outlived, type Suggestion } from './suggestion'

/** Listings looked at together, and how many times in one run: its calls are bounded, and cron comes every minute. */
const pageSize = 50
const pagesAtOnce = 2
/** For how long sellers see what they applied. */
const appliedKeptFor = 90 * 24 * 3_600_000

/** What is said of a product is a wake-up call: what holds is read when it is looked at. */
export const noteProduct = ({ data }: Envelope<'product.updated'>, { listings, now }: Deps): Promise<void> =>
  listings.wake(data.productId, now())

export const noteLevel = ({ data }: Envelope<'stock.changed'>, { listings, now }: Deps): Promise<void> =>
  listings.wake(data.productId, now(), data.availability === 'in' ? data : undefined)

/** Looks at listings that are due, those that something was heard of first, and forgets what is old. */
export async function sweepSuggestions(deps: Deps): Promise<void> {
  for (let page = 0; page < pagesAtOnce; page++) {
    const due = await deps.listings.due(deps.now(), pageSize)
    if (due.length > 0) await compute(deps, due)
    if (due.length < pageSize) break
  }
  await deps.sales.forget(deps.now())
  await deps.suggestions.forgetApplied(deps.now() - appliedKeptFor)
}

/** Looks at a product now. @throws AppError `unavailable` */
export async function computeNow(deps: Deps, productId: ProductId): Promise<void> {
  const found = await deps.listings.those([productId])
  if (found.length > 0) await compute(deps, found)
}

/** What becomes of one suggestion of a product. */
type Planned = { productId: ProductId; found: Suggestion | null; fate: Fate }

/**
 * Computes what is suggested about products. Suggestions are read before the facts, and written on the state they were read in: who
 * changed one in between is not overruled by facts from before that, and the listing stays due.
 */
async function compute(deps: Deps, listings: readonly Listing[]): Promise<void> {
  const ids = listings.map(({ _id }) => _id)
  const present = await deps.suggestions.ofProducts(ids)
  const described = await deps.product.describe(ids)
  const grounds = await groundsOf(deps, described)
  const existing = new Set(described.map(({ productId }) => productId))
  const plans = listings.flatMap((listing) => {
    const found = present.filter(({ productId }) => productId === listing._id)
    const seen = grounds.seen.get(listing._id)
    if (seen) return planned(seen, found, listing, grounds, deps.now())
    return existing.has(listing._id) ? [] : found.map((each) => plan(each, outlived(each, 'gone')))
  })
  const lost = await write(deps, plans)
  await settle(deps, listings, grounds, { existing, lost })
}

const plan = (found: Suggestion, fate: Fate): Planned => ({ productId: found.productId, found, fate })

function planned(seen: Seen, found: readonly Suggestion[], listing: Listing, grounds: Grounds, now: number): Planned[] {
  const { productId, sellerId, title, version: productVersion, status } = seen.product
  if (!seen.facts) return found.map((each) => plan(each, outlived(each, status === 'draft' ? 'resting' : 'gone')))
  const about = { productId, sellerId, title, productVersion }
  const verdicts = verdictsOn(seen, seen.facts, listing, grounds).map((verdict) => ({ verdict, key: keyOf(about, verdict) }))
  // Such as one about a variant that is no longer there.
  const without = found.filter((each) => !verdicts.some(({ key }) => key === each.key))
  const decided = verdicts.map(({ verdict, key }) => {
    const each = found.find((known) => known.key === key) ?? null
    return { productId, found: each, fate: decide(each, about, verdict, now) }
  })
  return [...decided, ...without.map((each) => plan(each, outlived(each, 'gone')))]
}

/** Writes what was decided in one round trip. Returns the products of which somebody else had changed a suggestion meanwhile. */
async function write({ suggestions, newId }: Deps, plans: readonly Planned[]): Promise<Set<ProductId>> {
  const writes = plans.flatMap(({ productId, found, fate }) => {
    const operation = suggestions.writing(found, fate, newId('sug'))
    return operation ? [{ productId, operation }] : []
  })
  if (writes.length === 0) return new Set()
  const results = await suggestions.collection.batch(writes.map(({ operation }) => operation))
  return new Set(writes.flatMap(({ productId, operation }, at) => (happened(operation, results[at]) ? [] : productId)))
}

/** Whether a conditional write did anything; an upsert that finds something has come second. */
function happened(operation: Operation, result: Results[Operation['action']] | undefined): boolean {
  if (operation.action === 'deleteOne') return (result as Results['deleteOne']).deletedCount === 1
  const { matchedCount, upsertedId } = result as Results['updateOne']
  return 'upsert' in operation ? upsertedId !== undefined : matchedCount === 1
}

/** Whose suggestions may be others for what this product is now. What it was no more they find out within a day. */
const comparedWith = ({ facts, others }: Seen): ProductId[] =>
  facts ? others.filter((other) => isComparable(other.facts, facts)).map(({ _id }) => _id) : []

/**
 * Says when listings are due next, forgets those of products that ended, and has those looked at that are compared with one that is not
 * what it was. Those of the same page were compared with what it is now.
 */
async function settle(
  { listings, now }: Deps,
  looked: readonly Listing[],
  { seen }: Grounds,
  { existing, lost }: { existing: ReadonlySet<ProductId>; lost: ReadonlySet<ProductId> },
): Promise<void> {
  const inPage = new Set(looked.map(({ _id }) => _id))
  const neighbours = new Set<ProductId>()
  const operations = looked.flatMap((listing): Operation[] => {
    const found = seen.get(listing._id)
    if (lost.has(listing._id) || (!found && existing.has(listing._id))) return []
    if (!found || found.product.status === 'archived') return [listings.ended(listing)]
    if (JSON.stringify(found.facts) !== JSON.stringify(listing.facts))
      for (const id of comparedWith(found)) if (!inPage.has(id)) neighbours.add(id)
    return listings.settled(listing, now())
  })
  const { operation } = listings.hastening([...neighbours], now())
  const all = neighbours.size > 0 ? [...operations, operation] : operations
  if (all.length > 0) await listings.collection.batch(all)
}
