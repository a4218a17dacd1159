import type { Id, Instant, ProductId, UserId } from '../../shared/contracts/ids'
import type { Collection, Documents } from '../../shared/storage/documents'

/**
 * The claim of a product on a SKU of its seller. The `_id` makes a SKU unique; a unique index over an array of SKUs would not do,
 * because not every engine keeps one. An attempt to write the product claims its SKUs first. `token` names that attempt, so that
 * only the attempt that made a claim releases it.
 */
export type SkuClaim = { _id: `${UserId}:${string}`; productId: ProductId; token: Id<'req'>; at: Instant }

export type SkuClaims = Pick<Collection<SkuClaim>, 'find' | 'batch' | 'deleteMany'>

export const skuClaims = (documents: Documents): SkuClaims => documents.collection<SkuClaim>({ name: 'skus' })

export const claimId = (sellerId: UserId, sku: string): SkuClaim['_id'] => `${sellerId}:${sku}`

export const skuOf = ({ _id }: Pick<SkuClaim, '_id'>): string => _id.slice(_id.indexOf(':') + 1)
