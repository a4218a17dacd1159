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
    }
  | { status: 'gone'; variantId: VariantId }

/** What other Workers may ask product. */
export interface ProductApi {
  /** Present facts from the database, never from the cache: one answer per asked id, in that order. At most 100 ids. */
  quote(variantIds: VariantId[]): Promise<Quote[]>
}
