import type { Envelope } from '../../../shared/contracts/events'
import type { Instant, NewId, ProductId } from '../../../shared/contracts/ids'
import type { ProductApi } from '../../../shared/contracts/product'
import { type Evidence, findingsOn, type ProductEvidence } from './evidence'
import { type EvidenceNeeds, gatherEvidence } from './gather-evidence'
import type { Listing } from './listing'
import type { ListingRepo } from './listing-repo'
import { isComparable } from './pricing'
import type { SuggestionRepo } from './repo'
import type { SalesRepo } from './sales-repo'
import { decide, expired, keyOf, type Suggestion, type Transition } from './suggestion'

/** Listings recomputed together, and how many times in one run: a run makes a bounded number of calls, and cron comes every minute. */
const pageSize = 50
const pagesAtOnce = 2
/** For how long sellers see what they applied. */
const appliedKeptFor = 90 * 24 * 3_600_000

type Marking = { listings: Pick<ListingRepo, 'markDirty'>; now(): Instant }

/** An event only marks the listing: what product says when it is recomputed is what counts. */
export const recordProductChange = ({ data }: Envelope<'product.updated'>, { listings, now }: Marking): Promise<void> =>
  listings.markDirty(data.productId, now())

export const recordStockChange = ({ data }: Envelope<'stock.changed'>, { listings, now }: Marking): Promise<void> =>
  listings.markDirty(data.productId, now(), data.availability === 'in' ? data : undefined)

export type RecomputeNeeds = EvidenceNeeds & {
  listings: Pick<ListingRepo, 'load' | 'finish'>
  suggestions: Pick<SuggestionRepo, 'ofProducts' | 'write'>
  product: Pick<ProductApi, 'describe'>
  newId: NewId
}

type SweepNeeds = RecomputeNeeds & {
  listings: Pick<ListingRepo, 'due'>
  suggestions: Pick<SuggestionRepo, 'deleteApplied'>
  sales: Pick<SalesRepo, 'deleteOld'>
}

/** Recomputes the listings that are due, those with events first, and deletes what is old. */
export async function sweepSuggestions(deps: SweepNeeds): Promise<void> {
  for (let page = 0; page < pagesAtOnce; page++) {
    const due = await deps.listings.due(deps.now(), pageSize)
    if (due.length > 0) await recompute(deps, due)
    if (due.length < pageSize) break
  }
  await deps.sales.deleteOld(deps.now())
  await deps.suggestions.deleteApplied(deps.now() - appliedKeptFor)
}

/** Recomputes the suggestions about one product. @throws AppError `unavailable` */
export async function recomputeProduct(deps: RecomputeNeeds, productId: ProductId): Promise<void> {
  const found = await deps.listings.load([productId])
  if (found.length > 0) await recompute(deps, found)
}

/** The transition of one suggestion of a product; `found` is null where there was none. */
type Planned = { productId: ProductId; found: Suggestion | null; transition: Transition }

/**
 * Computes what is suggested about products. Suggestions are read before the evidence and written only on the state in which they were
 * read: one that changed in between is not overruled by older evidence, and its listing stays due.
 */
async function recompute(deps: RecomputeNeeds, listings: readonly Listing[]): Promise<void> {
  const ids = listings.map(({ _id }) => _id)
  const present = await deps.suggestions.ofProducts(ids)
  const described = await deps.product.describe(ids)
  const evidence = await gatherEvidence(deps, described)
  const existing = new Set(described.map(({ productId }) => productId))
  const plans = listings.flatMap((listing) => {
    const found = present.filter(({ productId }) => productId === listing._id)
    const about = evidence.products.get(listing._id)
    if (about) return planFor(about, found, listing, evidence, deps.now())
    return existing.has(listing._id) ? [] : found.map((each) => expire(each, 'gone'))
  })
  const held = await deps.suggestions.write(plans.map((each) => ({ ...each, id: deps.newId('sug') })))
  const lost = new Set(plans.flatMap(({ productId }, at) => (held[at] ? [] : productId)))
  await finish(deps, listings, evidence, { existing, lost })
}

const expire = (found: Suggestion, product: 'gone' | 'draft'): Planned => ({
  ...{ productId: found.productId, found },
  transition: expired(found, product),
})

function planFor(
  about: ProductEvidence,
  found: readonly Suggestion[],
  listing: Listing,
  evidence: Evidence,
  now: Instant,
): Planned[] {
  const { productId, sellerId, title, version: productVersion, status } = about.product
  if (!about.facts) return found.map((each) => expire(each, status === 'draft' ? 'draft' : 'gone'))
  const product = { productId, sellerId, title, productVersion }
  const findings = findingsOn(about, about.facts, listing, evidence).map((finding) => ({ finding, key: keyOf(product, finding) }))
  // Such as one about a variant that no longer exists.
  const without = found.filter((each) => !findings.some(({ key }) => key === each.key))
  const decided = findings.map(({ finding, key }) => {
    const each = found.find((known) => known.key === key) ?? null
    return { productId, found: each, transition: decide(each, product, finding, now) }
  })
  return [...decided, ...without.map((each) => expire(each, 'gone'))]
}

/** The products whose suggestions may change with this one's facts. Those that its former facts were compared with are recomputed within a day. */
const comparedWith = ({ facts, others }: ProductEvidence): ProductId[] =>
  facts ? others.filter((other) => isComparable(other.facts, facts)).map(({ _id }) => _id) : []

/**
 * Schedules listings anew, deletes those of products that ended, and has the ones recomputed that are compared with a product whose facts
 * changed. Those of the same page were already compared with its new facts.
 */
async function finish(
  { listings, now }: { listings: Pick<ListingRepo, 'finish'>; now(): Instant },
  recomputed: readonly Listing[],
  { products }: Evidence,
  { existing, lost }: { existing: ReadonlySet<ProductId>; lost: ReadonlySet<ProductId> },
): Promise<void> {
  const inPage = new Set(recomputed.map(({ _id }) => _id))
  const changed = new Set<ProductId>()
  const done: Listing[] = []
  const ended: Listing[] = []
  for (const listing of recomputed) {
    const about = products.get(listing._id)
    // Somebody else changed it meanwhile: it stays due.
    if (lost.has(listing._id) || (!about && existing.has(listing._id))) continue
    if (!about || about.product.status === 'archived') {
      ended.push(listing)
      continue
    }
    if (JSON.stringify(about.facts) !== JSON.stringify(listing.facts))
      for (const id of comparedWith(about)) if (!inPage.has(id)) changed.add(id)
    done.push(listing)
  }
  await listings.finish({ done, ended, changed: [...changed] }, now())
}
