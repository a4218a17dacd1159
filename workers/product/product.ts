import { AppError, type FieldError } from '../../shared/contracts/errors'
import type { EventData } from '../../shared/contracts/events'
import type { Availability, VariantFacts } from '../../shared/contracts/facts'
import type { Instant, ProductId, UserId, VariantId } from '../../shared/contracts/ids'
import type { Level } from '../../shared/contracts/inventory'
import type { Currency, Money } from '../../shared/contracts/money'
import type { Described, Quote } from '../../shared/contracts/product'
import type { Stored } from '../../shared/events/outbox'
import { fold, termsOf } from './search'

export const statuses = ['draft', 'active', 'archived'] as const
export type Status = (typeof statuses)[number]

export type Variant = { id: VariantId; sku: string; title: string | null; options: Record<string, string>; price: Money }

/** The last recorded availability of a variant, and the stock version of it; 0 for the answer to `open`, which has none. */
export type RecordedStock = { availability: Availability; version: number }

/** The fields that a seller sets. */
export type Details = {
  title: string
  description: string
  category: string
  tags: string[]
  images: string[]
  status: Status
  variants: Variant[]
}

/** Fields computed from the details, stored because lists sort and filter by them. */
type Derived = { currency: Currency; lowestPrice: number; titleKey: string; terms: string[] }

/**
 * A product with its variants. Availability is in `stock`, outside `variants`, because it changes independently: a conditional update
 * of its own writes it, which does not raise `version`, and a seller's write of `variants` does not overwrite it.
 */
export type Product = Stored &
  Details &
  Derived & {
    _id: ProductId
    sellerId: UserId
    stock: { [variantId: VariantId]: RecordedStock }
    /** When an event last changed `stock`. */
    stockRecordedAt?: Instant
    createdAt: Instant
    updatedAt: Instant
  }

/** A product as its readers get it, without the fields for search and for events. */
export type Shown = Omit<Product, 'terms' | 'outbox' | 'outboxPending'>

/** The fields that a quote is made of. */
export type Sellable = Pick<Product, '_id' | 'version' | 'sellerId' | 'status' | 'title' | 'variants' | 'stock'>

export type VariantChange = {
  id?: VariantId | undefined
  sku?: string | undefined
  title?: string | null | undefined
  options?: Record<string, string> | undefined
  price?: Money | undefined
  /** Units on hand. Inventory keeps them. */
  stock?: number | undefined
}
export type DraftVariant = VariantChange & { id?: undefined; sku: string; price: Money }
export type Draft = Omit<Details, 'variants'> & { variants: DraftVariant[] }
/** An absent field does not change. A variant is matched by its id; a variant without an id is added. */
export type Change = { [K in Exclude<keyof Details, 'variants'>]?: Details[K] | undefined } & {
  variants?: VariantChange[] | undefined
}

/** The most variants of one product. A product.updated with as many still fits into a queue message. */
export const maxVariants = 100
/** How many characters of a title lists sort by. Cursors contain them, so they are few. */
const titleKeyLength = 100

export const invalid = (errors: FieldError[]): AppError =>
  new AppError('validation_failed', errors.map(({ path, message }) => `${path}: ${message}`).join('; '), { errors })

/** The details with their derived fields. @throws AppError `validation_failed`: two currencies, or a SKU twice */
function checked(details: Details): Details & Derived {
  const [first] = details.variants
  if (!first) throw invalid([{ path: 'variants', message: 'a product has at least one variant' }])
  const errors: FieldError[] = []
  if (details.variants.length > maxVariants) errors.push({ path: 'variants', message: `at most ${maxVariants}` })
  const skus = details.variants.map(({ sku }) => sku)
  for (const sku of new Set(skus.filter((sku, index) => skus.indexOf(sku) !== index))) {
    errors.push({ path: 'variants', message: `the SKU ${sku} appears twice` })
  }
  if (details.variants.some(({ price }) => price.currency !== first.price.currency)) {
    errors.push({ path: 'variants', message: 'all prices of a product must be in one currency' })
  }
  if (errors.length > 0) throw invalid(errors)
  return {
    ...details,
    currency: first.price.currency,
    lowestPrice: Math.min(...details.variants.map(({ price }) => price.amount)),
    titleKey: [...fold(details.title)].slice(0, titleKeyLength).join(''),
    terms: termsOf([details.title, ...details.tags, details.description]),
  }
}

/** The details of a new product; `variantIds` are those of its variants, in order. */
export const drafted = (draft: Draft, variantIds: readonly VariantId[]): Details & Derived =>
  checked({ ...draft, variants: draft.variants.map((variant, index) => added(variant, index, variantIds[index])) })

/**
 * The details after a change; `newIds` are for its variants without an id, by their place in the change.
 * @throws AppError `validation_failed`: an id that is not a variant of this product or appears twice, a new variant without SKU or price
 */
export function changed(
  product: Details,
  { variants: changes = [], ...rest }: Change,
  newIds: readonly VariantId[],
): Details & Derived {
  const variants = [...product.variants]
  const seen = new Set<VariantId>()
  changes.forEach((change, index) => {
    if (change.id === undefined) {
      variants.push(added(change, index, newIds[index]))
      return
    }
    const at = variants.findIndex(({ id }) => id === change.id)
    const before = variants[at]
    if (!before || seen.has(change.id)) {
      throw invalid([{ path: `variants.${index}.id`, message: before ? 'appears twice' : 'is not a variant of this product' }])
    }
    seen.add(change.id)
    const { sku = before.sku, title = before.title, options = before.options, price = before.price } = change
    variants[at] = { id: before.id, sku, title, options, price }
  })
  return checked({ ...detailsOf(product), ...given(rest), variants })
}

function added({ sku, title = null, options = {}, price }: VariantChange, index: number, id: VariantId | undefined): Variant {
  if (sku === undefined || price === undefined || id === undefined) {
    const missing = sku === undefined ? 'sku' : 'price'
    throw invalid([{ path: `variants.${index}.${missing}`, message: 'is required for a new variant' }])
  }
  return { id, sku, title, options, price }
}

/** Without the fields that are undefined. */
const given = (rest: Omit<Change, 'variants'>): Partial<Details> =>
  Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))

const detailsOf = ({ title, description, category, tags, images, status, variants }: Details): Details => ({
  ...{ title, description, category, tags, images, status, variants },
})

/** Whether the details of two products are equal. */
export const sameDetails = (a: Details, b: Details): boolean => JSON.stringify(detailsOf(a)) === JSON.stringify(detailsOf(b))

/** The SKUs that no other product of the seller may use. An archived product reserves none. */
export const skusOf = ({ status, variants }: Pick<Details, 'status' | 'variants'>): string[] =>
  status === 'archived' ? [] : variants.map(({ sku }) => sku)

/** Whether a viewer sees a product. Everyone sees active ones; its seller and operators see all. */
export const isVisible = (
  { status, sellerId }: { status: Status; sellerId: string },
  viewer: { userId: UserId; role: string } | undefined,
): boolean => status === 'active' || viewer?.userId === sellerId || viewer?.role === 'admin'

/** A line's title: the product's, and the variant's where it has one. */
const lineTitle = (product: Pick<Details, 'title'>, { title }: Variant): string =>
  title ? `${product.title}, ${title}` : product.title

const factsOf = (product: Pick<Details, 'title'>, variant: Variant): VariantFacts => ({
  variantId: variant.id,
  sku: variant.sku,
  title: lineTitle(product, variant),
  unitPrice: variant.price,
})

/** The data of product.updated after a change; `before` is null for a new product, `opened` has the levels of new variants. */
export const updatedData = (
  { _id, sellerId, version }: { _id: ProductId; sellerId: UserId; version: number },
  details: Details,
  before: Pick<Details, 'status'> | null,
  opened: readonly Level[] = [],
): EventData<'product.updated'> => ({
  version,
  change: before === null ? 'created' : details.status === 'archived' && before.status !== 'archived' ? 'archived' : 'updated',
  productId: _id,
  sellerId,
  title: details.title,
  status: details.status,
  variants: details.variants.map((variant) => factsOf(details, variant)),
  ...(opened.length === 0 ? {} : { opened: [...opened] }),
})

/** A product as Workers get it that index or judge it. */
export const describedOf = (product: Shown): Described => ({
  ...{ productId: product._id, version: product.version, sellerId: product.sellerId, status: product.status },
  ...{ title: product.title, description: product.description, category: product.category },
  ...{ tags: product.tags, images: product.images, createdAt: product.createdAt },
  variants: product.variants.map(({ id, sku, title, options, price }) => ({
    ...{ variantId: id, sku, title, options, unitPrice: price },
    availability: product.stock[id]?.availability ?? 'out',
  })),
})

/** The price of a variant; `gone` unless its product is on sale. */
export function quoteOf(product: Sellable | undefined, variantId: VariantId): Quote {
  const variant = product?.variants.find(({ id }) => id === variantId)
  if (!product || !variant || product.status !== 'active') return { status: 'gone', variantId }
  const { _id, version, sellerId, stock } = product
  const availability = stock[variantId]?.availability ?? 'out'
  return { status: 'active', productId: _id, productVersion: version, sellerId, availability, ...factsOf(product, variant) }
}
