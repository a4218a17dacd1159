import type { CartSnapshot } from '../../../shared/contracts/cart'
import type { ProductId, UserId, VariantId } from '../../../shared/contracts/ids'
import type { Level } from '../../../shared/contracts/inventory'
import type { OrderSummary } from '../../../shared/contracts/order'
import type { Described } from '../../../shared/contracts/product'
import type { Deps } from '../deps'
import { articleUrl } from '../search/articles'
import { chunksOf } from '../search/chunks'
import type { Passage, SearchFilters } from '../search/passage'
import { shared, termsOf } from '../text/tokens'
import type { ArticleRead, ProductRead } from './context-item'

/** The most products that are told of in one answer, and the most that are looked at to find those that fit. */
export const maxProducts = 5
const maxCandidates = 12
/** The most variants of one product that are looked at. */
const variantsEach = 6
/** Passages of a product's page that go with it, and the most recent orders that are told of. */
const maxPassages = 3
const maxOrders = 5

/** Which products, and how what is known of each is chosen from. */
export type Choice = {
  /** Candidates, the best first, or variants that somebody points at. */
  of: readonly ProductId[] | { variantIds: readonly VariantId[]; productIds: readonly ProductId[] }
  /** What was said, which may name a variant. */
  words: string
  filters: SearchFilters
  /** Variants of each that are told of. */
  each: number
  /** Which of the candidates are told of, and in which order; the first ones where it is left out. */
  choose?: (candidates: readonly Candidate[]) => readonly Candidate[]
}

/** A variant that may be told of, with what is known of its product and of its stock. */
export type Candidate = { known: Described; variant: Described['variants'][number]; level: Level }

/**
 * Products as product and inventory tell of them now, in two calls: what is not on sale any more, or no longer fits what was asked for,
 * is left out. Of each product the variant that is named, else one that can be bought, else the one that costs least.
 */
export async function readProducts(
  { product, inventory }: Pick<Deps, 'product' | 'inventory'>,
  { of, words, filters, each, choose = (candidates) => candidates }: Choice,
): Promise<ProductRead[]> {
  const pointed = 'variantIds' in of ? new Set(of.variantIds) : null
  const productIds = [...new Set('variantIds' in of ? of.productIds : of)].slice(0, maxCandidates)
  if (productIds.length === 0) return []
  const described = new Map((await product.describe(productIds)).map((known) => [known.productId, known]))
  const named = termsOf(words)
  const candidates = productIds.flatMap((id) => {
    const known = described.get(id)
    if (known?.status !== 'active' || !belongs(known, filters)) return []
    const fitting = known.variants
      .filter((variant) => fitsPrice(variant, filters) && (pointed === null || pointed.has(variant.variantId)))
      .map((variant) => ({ variant, known, fit: shared(termsOf(variant.title ?? ''), named) }))
    return fitting.sort((a, b) => b.fit - a.fit || a.variant.unitPrice.amount - b.variant.unitPrice.amount).slice(0, variantsEach)
  })
  if (candidates.length === 0) return []
  const levels = await inventory.levels(candidates.map(({ variant }) => variant.variantId))
  const reads = candidates
    .map((candidate, at) => ({ ...candidate, level: levels[at] ?? none(candidate.variant.variantId) }))
    .filter(({ level }) => !filters.inStock || level.available > 0)
  const chosen = productIds.flatMap((id) =>
    reads
      .filter(({ known }) => known.productId === id)
      .sort((a, b) => b.fit - a.fit || Number(b.level.available > 0) - Number(a.level.available > 0))
      .slice(0, each),
  )
  const told = choose(chosen).slice(0, maxProducts)
  return told.map((candidate) => readOf(candidate, passagesOf(candidate.known.description, named, told.length)))
}

const none = (variantId: VariantId): Level => ({ variantId, available: 0, availability: 'out' })

const belongs = ({ category, sellerId }: Described, filters: SearchFilters): boolean =>
  (filters.category === undefined || category === filters.category) &&
  (filters.sellerId === undefined || sellerId === filters.sellerId)

function fitsPrice({ unitPrice }: Described['variants'][number], filters: SearchFilters): boolean {
  const { minPrice = 0, maxPrice = Number.MAX_SAFE_INTEGER, currency } = filters
  return (
    unitPrice.amount >= minPrice && unitPrice.amount <= maxPrice && (currency === undefined || unitPrice.currency === currency)
  )
}

/** What a candidate is called: its product's title, and its own where it has one. */
export const titleOf = ({ known, variant }: Candidate): string =>
  variant.title ? `${known.title}, ${variant.title}` : known.title

const readOf = (candidate: Candidate, passages: string[]): ProductRead => ({
  ...{ kind: 'product', productId: candidate.known.productId, variantId: candidate.variant.variantId },
  ...{ sellerId: candidate.known.sellerId, title: titleOf(candidate), category: candidate.known.category },
  unitPrice: candidate.variant.unitPrice,
  ...{ availability: candidate.level.availability, available: candidate.level.available },
  passages,
})

/** The parts of a page that have most in common with what was said, in the page's order; of several products one each, as all go to the model. */
function passagesOf(description: string, named: ReadonlySet<string>, products: number): string[] {
  const pieces = chunksOf(description).map(({ text }) => text)
  const ranked = [...pieces.keys()]
    .sort((a, b) => matches(pieces[b]) - matches(pieces[a]) || a - b)
    .slice(0, products === 1 ? maxPassages : 1)
  return ranked.sort((a, b) => a - b).flatMap((at) => pieces[at] ?? [])

  function matches(piece: string | undefined): number {
    return shared(termsOf(piece ?? ''), named)
  }
}

/** The sections of articles among what was found. */
export const articlesOf = (found: readonly Passage[], limit: number): ArticleRead[] =>
  found
    .filter(({ kind }) => kind === 'article')
    .slice(0, limit)
    .map(({ sourceId, title, section, text }) => ({
      ...{ kind: 'article', articleId: sourceId, title, section: section ?? '', text },
      url: articleUrl(sourceId) ?? `/help/${sourceId}`,
    }))

export const productIdsOf = (found: readonly Passage[]): ProductId[] =>
  found.flatMap(({ kind, sourceId }) => (kind === 'product' ? [sourceId as ProductId] : []))

/** The caller's own orders: the one of a number, or the newest. */
export const readOrders = ({ order }: Pick<Deps, 'order'>, userId: UserId, number: string | null): Promise<OrderSummary[]> =>
  order.ofBuyer(userId, number === null ? { limit: maxOrders } : { number })

/** The caller's own cart. */
export const readCart = ({ cart }: Pick<Deps, 'cart'>, userId: UserId): Promise<CartSnapshot> => cart.snapshot(userId)
