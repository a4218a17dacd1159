import { AppError } from '../../shared/contracts/errors'
import type { Instant, NewId, ProductId, UserId } from '../../shared/contracts/ids'
import { skusOf } from './product'
import type { ProductRepo } from './repo'
import { claimId, type SkuClaim, type SkuClaims, skuOf } from './sku-repo'

export type SkuNeeds = {
  skus: SkuClaims
  products: Pick<ProductRepo, 'loadAll'>
  now: () => Instant
  newId: NewId
}

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

/** Claims SKUs for a product, all or none. @throws AppError `sku_taken`; `conflict` when another change of this product is at it */
export async function claimSkus(deps: SkuNeeds, owner: Owner, skus: readonly string[]): Promise<Claimed> {
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
async function claimFree(deps: SkuNeeds, owner: Owner, { ids, token }: Claimed): Promise<boolean> {
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
async function claimOnce(deps: SkuNeeds, owner: Owner, { ids, token, resumed }: Claimed): Promise<boolean> {
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
async function firstLive(deps: SkuNeeds, claims: readonly SkuClaim[]): Promise<SkuClaim | undefined> {
  if (claims.length === 0) return undefined
  const products = await deps.products.loadAll([...new Set(claims.map(({ productId }) => productId))])
  return claims.find((claim) => {
    const product = products.find(({ _id }) => _id === claim.productId)
    return claim.at > deps.now() - inFlightFor || (product !== undefined && skusOf(product).includes(skuOf(claim)))
  })
}

/**
 * Takes back what an attempt claimed, and nothing that somebody claimed since. After an attempt that broke off claims go stale instead:
 * its write may land yet, and its product needs them.
 */
export async function releaseSkus(deps: SkuNeeds, { ids, token, resumed }: Claimed): Promise<void> {
  if (ids.length > 0 && !resumed) await deps.skus.deleteMany({ _id: { $in: ids }, token })
}

/** The claims behind SKUs that a product is about to give up; to be released once it did. */
export const claimsBehind = async (deps: SkuNeeds, sellerId: UserId, skus: readonly string[]): Promise<SkuClaim[]> =>
  skus.length === 0 ? [] : deps.skus.find({ _id: { $in: skus.map((sku) => claimId(sellerId, sku)) } })

export async function releaseClaims(deps: SkuNeeds, claims: readonly SkuClaim[]): Promise<void> {
  const tokens = [...new Set(claims.map(({ token }) => token))]
  for (const token of tokens) {
    const ids = claims.filter((claim) => claim.token === token).map(({ _id }) => _id)
    await releaseSkus(deps, { ids, token, resumed: false })
  }
}
