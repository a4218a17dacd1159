import { AppError } from '../../shared/contracts/errors'
import type { Id, Instant, ProductId, UserId } from '../../shared/contracts/ids'
import type { Collection, Documents } from '../../shared/storage/documents'
import type { Deps } from './deps'
import { skusOf } from './product'

/**
 * That a SKU of a seller belongs to a product. The `_id` makes it unique; a unique index over an array of SKUs would not do,
 * because not every engine keeps one. A claim is made before the product is written and belongs to the attempt
 * in `token`, so that only who made it takes it back.
 */
export type SkuClaim = { _id: `${UserId}:${string}`; productId: ProductId; token: Id<'req'>; at: Instant }

export type SkuClaims = Collection<SkuClaim>

export const skuClaims = (documents: Documents): SkuClaims => documents.collection<SkuClaim>({ name: 'skus' })

/** No request runs this long, so an older claim that no product stands behind was left by a crash, and anybody may take it. */
const inFlightFor = 60_000
const rounds = 4

export type Claimed = {
  ids: SkuClaim['_id'][]
  token: SkuClaim['token']
  /** Claims of an attempt that broke off may be among them. */
  resumed: boolean
}

/** For which product SKUs are claimed; `resumed` takes over what an earlier attempt to write it has claimed. */
type Owner = { _id: ProductId; sellerId: UserId; resumed?: boolean }

const claimId = (sellerId: UserId, sku: string): SkuClaim['_id'] => `${sellerId}:${sku}`

/** Claims SKUs for a product, all or none. @throws AppError `sku_taken`; `conflict` when another change of this product is at it */
export async function claimSkus(deps: Deps, owner: Owner, skus: readonly string[]): Promise<Claimed> {
  const { sellerId, resumed = false } = owner
  const claimed: Claimed = { ids: skus.map((sku) => claimId(sellerId, sku)), token: deps.newId('req'), resumed }
  if (skus.length === 0) return claimed
  try {
    if (await claimFree(deps, owner, claimed)) return claimed
    for (let round = 0; round < rounds; round++) if (await claimOnce(deps, owner, claimed)) return claimed
    throw new AppError('conflict')
  } catch (error) {
    await releaseSkus(deps, claimed)
    throw error
  }
}

/** Takes what is free, which nearly always is all. Returns whether it was. */
async function claimFree(deps: Deps, owner: Owner, { ids, token }: Claimed): Promise<boolean> {
  const documents = ids.map((_id) => ({ _id, productId: owner._id, token, at: deps.now() }))
  try {
    await deps.skus.batch([{ action: 'insertMany', documents, ordered: false }])
    return true
  } catch (error) {
    if (AppError.is(error, 'duplicate_key')) return false
    throw error
  }
}

/** Takes what is free, abandoned or to be taken over. Returns whether all are ours now; somebody else may have been faster. */
async function claimOnce(deps: Deps, owner: Owner, { ids, token, resumed }: Claimed): Promise<boolean> {
  const mine = { productId: owner._id, token, at: deps.now() }
  const there = await deps.skus.find({ _id: { $in: ids } })
  const others = there.filter((claim) => claim.token !== token)
  const live = await firstLive(deps, resumed ? others.filter(({ productId }) => productId !== owner._id) : others)
  if (live) throw live.productId === owner._id ? new AppError('conflict') : new AppError('sku_taken', `${skuOf(live)} is taken`)
  const missing = ids.filter((id) => !there.some((claim) => claim._id === id))
  if (others.length + missing.length === 0) return true
  try {
    await deps.skus.batch([
      ...others.map(({ _id, token: old }) => ({
        action: 'updateOne' as const,
        filter: { _id, token: old },
        update: { $set: mine },
      })),
      ...(missing.length > 0 ? [{ action: 'insertMany' as const, documents: missing.map((_id) => ({ _id, ...mine })) }] : []),
    ])
  } catch (error) {
    if (AppError.is(error, 'duplicate_key')) return false
    throw error
  }
  // Whether it was us who took over a claim shows in the next round.
  return others.length === 0
}

/** A claim that still counts: a request may be at work with it, or its product sells under it. */
async function firstLive(deps: Deps, claims: readonly SkuClaim[]): Promise<SkuClaim | undefined> {
  if (claims.length === 0) return undefined
  const products = await deps.products.loadAll([...new Set(claims.map(({ productId }) => productId))])
  return claims.find((claim) => {
    const product = products.find(({ _id }) => _id === claim.productId)
    return claim.at > deps.now() - inFlightFor || (product !== undefined && skusOf(product).includes(skuOf(claim)))
  })
}

const skuOf = ({ _id }: SkuClaim): string => _id.slice(_id.indexOf(':') + 1)

/**
 * Takes back what an attempt claimed, and nothing that somebody claimed since. After an attempt that broke off claims go stale instead:
 * its write may land yet, and its product needs them.
 */
export async function releaseSkus(deps: Deps, { ids, token, resumed }: Claimed): Promise<void> {
  if (ids.length > 0 && !resumed) await deps.skus.deleteMany({ _id: { $in: ids }, token })
}

/** The claims behind SKUs that a product is about to give up; to be released once it did. */
export const claimsBehind = async (deps: Deps, sellerId: UserId, skus: readonly string[]): Promise<SkuClaim[]> =>
  skus.length === 0 ? [] : deps.skus.find({ _id: { $in: skus.map((sku) => claimId(sellerId, sku)) } })

export async function releaseClaims(deps: Deps, claims: readonly SkuClaim[]): Promise<void> {
  const tokens = [...new Set(claims.map(({ token }) => token))]
  for (const token of tokens) {
    const ids = claims.filter((claim) => claim.token === token).map(({ _id }) => _id)
    await releaseSkus(deps, { ids, token, resumed: false })
  }
}
