import type { Availability } from './facts'
import type { ProductId, UserId, VariantId } from './ids'
import type { Money } from './money'

/** What a variant costs now, or that it is no longer sold. */
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
      /** What product last heard of the stock. */
      availability?: Availability
      /** The database is down, and this is from the cache: good enough for a cart, never for an order. */
      lastKnown?: true
    }
  | { status: 'gone'; variantId: VariantId }

export type QuoteOptions = {
  /** While the database is down, answer what the cache knows, marked as such. */
  orLastKnown?: boolean
}

/** What other Workers may ask product. */
export interface ProductApi {
  /**
   * Present facts from the database, never from the cache unless `orLastKnown`: one answer per asked id, in that order. At most
   * 100 ids. @throws AppError `unavailable`
   */
  quote(variantIds: VariantId[], options?: QuoteOptions): Promise<Quote[]>
}
