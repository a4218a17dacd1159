import type { Availability } from './facts'
import type { Instant, ProductId, UserId, VariantId } from './ids'
import type { Money } from './money'

/** The present price of a variant, or that it is no longer on sale. */
export type Quote =
  | {
      status: 'active'
      variantId: VariantId
      productId: ProductId
      productVersion: number
      sellerId: UserId
      sku: string
      /** The product's title, and the variant's where it has one: `Walnut desk, large`. */
      title: string
      unitPrice: Money
      /** The last known availability. */
      availability?: Availability
      /** The database is down, and this is from the cache: good enough for a cart, never for an order. */
      lastKnown?: true
    }
  | { status: 'gone'; variantId: VariantId }

export type QuoteOptions = {
  /** While the database is down, answer what the cache knows, marked as such. */
  orLastKnown?: boolean
}

/** A product as its page shows it, for Workers that index or judge it. */
export type Described = {
  productId: ProductId
  version: number
  sellerId: UserId
  status: 'draft' | 'active' | 'archived'
  title: string
  description: string
  category: string
  tags: string[]
  /** Addresses of pictures. */
  images: string[]
  variants: {
    variantId: VariantId
    sku: string
    /** Null where a product has only one variant. */
    title: string | null
    options: Record<string, string>
    unitPrice: Money
    availability: Availability
  }[]
  createdAt: Instant
}

/** A change of a product on behalf of its seller. Absent fields do not change. `version` is the version that the change is based on. */
export type Revision = {
  version: number
  title?: string
  description?: string
  tags?: string[]
  images?: string[]
  prices?: { variantId: VariantId; unitPrice: Money }[]
}

/** What other Workers may ask product. */
export interface ProductApi {
  /**
   * Present facts from the database, never from the cache unless `orLastKnown`: one answer per id, in the same order. At most
   * 100 ids. @throws AppError `unavailable`
   */
  quote(variantIds: VariantId[], options?: QuoteOptions): Promise<Quote[]>
  /** Present facts of products from the database, whatever their status; one that does not exist is left out. At most 100 ids. */
  describe(productIds: ProductId[]): Promise<Described[]>
  /**
   * Changes a seller's product as its PATCH does, and publishes the change. Returns the new version.
   * @throws AppError `not_found`, for another seller's too, `conflict` when the product has another version, `validation_failed`
   */
  revise(sellerId: UserId, productId: ProductId, revision: Revision): Promise<number>
}
