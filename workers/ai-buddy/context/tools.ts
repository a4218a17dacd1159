import type { CartApi, CartSnapshot } from '../../../shared/contracts/cart'
import type { ProductId, UserId, VariantId } from '../../../shared/contracts/ids'
import type { InventoryApi, Level } from '../../../shared/contracts/inventory'
import type { OrderApi, OrderSummary } from '../../../shared/contracts/order'
import type { Described, ProductApi } from '../../../shared/contracts/product'
import { articleUrl } from '../search/articles'
import { chunksOf } from '../search/chunks'
import type { Passage, SearchFilters } from '../search/passage'
import { shared, termsOf } from '../text/tokens'
import type { ArticleContext, ProductContext } from './context-item'

/** Where products are read. */
export type Catalogue = { product: Pick<ProductApi, 'describe'>; inventory: Pick<InventoryApi, 'levels'> }

/** The most products of one answer, and the most candidates that are read to find those that fit. */
export const maxProducts = 5
const maxCandidates = 12
/** The most variants of one product among the candidates. */
const variantsEach = 6
/** The most passages of a product's page that go with it, and the most orders, newest first. */
const maxPassages = 3
const maxOrders = 5

/** Which products to read, and what to choose of each. */
export type Choice = {
  /** Candidates, the best first, or variants that a question refers to. */
  of: readonly ProductId[] | { variantIds: readonly VariantId[]; productIds: readonly ProductId[] }
  /** The question, which may name a variant. */
  words: string
  filters: SearchFilters
  /** The most variants of each product. */
  each: number
  /** Which of the candidates are taken, in order; the first ones where it is left out. */
  choose?: (candidates: readonly Candidate[]) => readonly Candidate[]
}

/** A variant that an answer may name, with its product and its stock. */
export type Candidate = { known: Described; variant: Described['variants'][number]; level: Level }

/**
 * Products as product and inventory describe them now, in two calls: what is no longer on sale, or no longer fits what was asked for, is
 * left out. Of each product the variant that is named, else one that can be bought, else the one that costs least.
 */
export async function readProducts(
  { product, inventory }: Catalogue,
  { of, words, filters, each, choose = (candidates) => candidates }: Choice,
): Promise<ProductContext[]> {
  const wanted = 'variantIds' in of ? new Set(of.variantIds) : null
  const productIds = [...new Set('variantIds' in of ? of.productIds : of)].slice(0, maxCandidates)
  if (productIds.length === 0) return []
  const described = new Map((await product.describe(productIds)).map((known) => [known.productId, known]))
  const named = termsOf(words)
  const candidates = productIds.flatMap((id) => {
    const known = described.get(id)
    if (known?.status !== 'active' || !belongs(known, filters)) return []
    const fitting = known.variants
      .filter((variant) => fitsPrice(variant, filters) && (wanted === null || wanted.has(variant.variantId)))
      .map((variant) => ({ variant, known, fit: shared(termsOf(variant.title ?? ''), named) }))
    return fitting.sort((a, b) => b.fit - a.fit || a.variant.unitPrice.amount - b.variant.unitPrice.amount).slice(0, variantsEach)
  })
  if (candidates.length === 0) return []
  const levels = await inventory.levels(candidates.map(({ variant }) => variant.variantId))
  const read = candidates
    .map((candidate, at) => ({ ...candidate, level: levels[at] ?? none(candidate.variant.variantId) }))
    .filter(({ level }) => !filters.inStock || level.available > 0)
  const chosen = productIds.flatMap((id) =>
    read
      .filter(({ known }) => known.productId === id)
      .sort((a, b) => b.fit - a.fit || Number(b.level.available > 0) - Number(a.level.available > 0))
      .slice(0, each),
  )
  const taken = choose(chosen).slice(0, maxProducts)
  return taken.map((candidate) => contextOf(candidate, passagesOf(candidate.known.description, named, taken.length)))
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

const contextOf = (candidate: Candidate, passages: string[]): ProductContext => ({
  ...{ kind: 'product', productId: candidate.known.productId, variantId: candidate.variant.variantId },
  ...{ sellerId: candidate.known.sellerId, title: titleOf(candidate), category: candidate.known.category },
  unitPrice: candidate.variant.unitPrice,
  ...{ availability: candidate.level.availability, available: candidate.level.available },
  passages,
})

/** The parts of a page that have most in common with the question, in the page's order; of several products one each, as all go to the model. */
function passagesOf(description: string, named: ReadonlySet<string>, products: number): string[] {
  const chunks = chunksOf(description).map(({ text }) => text)
  const ranked = [...chunks.keys()]
    .sort((a, b) => matches(chunks[b]) - matches(chunks[a]) || a - b)
    .slice(0, products === 1 ? maxPassages : 1)
  return ranked.sort((a, b) => a - b).flatMap((at) => chunks[at] ?? [])

  function matches(chunk: string | undefined): number {
    return shared(termsOf(chunk ?? ''), named)
  }
}

/** The sections of articles among what was found. */
export const articlesOf = (found: readonly Passage[], limit: number): ArticleContext[] =>
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
export const readOrders = (
  { order }: { order: Pick<OrderApi, 'ofBuyer'> },
  userId: UserId,
  number: string | null,
): Promise<OrderSummary[]> => order.ofBuyer(userId, number === null ? { limit: maxOrders } : { number })

/** The caller's own cart. */
export const readCart = ({ cart }: { cart: Pick<CartApi, 'snapshot'> }, userId: UserId): Promise<CartSnapshot> =>
  cart.snapshot(userId)
