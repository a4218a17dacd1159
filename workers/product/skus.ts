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

/** No request runs this long. An older claim without a product was left by a crash, so any product may take it. */
const inFlightFor = 60_000
const maxRounds = 4

export type Claimed = {
  ids: SkuClaim['_id'][]
  token: SkuClaim['token']
  /** An interrupted attempt may have made some of the claims. */
  resumed: boolean
}

/** The product that claims SKUs; with `resumed` it takes over the claims of an interrupted attempt. */
type Owner = { _id: ProductId; sellerId: UserId; resumed?: boolean }

/** Claims SKUs for a product, all or none. @throws AppError `sku_taken`; `conflict` when another change of this product claims them */
export async function claimSkus(deps: SkuNeeds, owner: Owner, skus: readonly string[]): Promise<Claimed> {
  const { sellerId, resumed = false } = owner
  const claimed: Claimed = { ids: skus.map((sku) => claimId(sellerId, sku)), token: deps.newId('req'), resumed }
  if (skus.length === 0) return claimed
  try {
    if (await claimFree(deps, owner, claimed)) return claimed
    for (let round = 0; round < maxRounds; round++) if (await claimOnce(deps, owner, claimed)) return claimed
    throw new AppError('conflict')
  } catch (error) {
    await releaseSkus(deps, claimed)
    throw error
  }
}

/** Claims all SKUs if they are free, as they nearly always are. Returns whether they were. */
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

/** Claims SKUs that are free or abandoned, or that are taken over. Returns whether this attempt has all; another may have been faster. */
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
  // The next round shows whether this attempt was the one that took a claim over.
  return others.length === 0
}

/** The first claim that is still valid: a running request may need it, or its product uses the SKU. */
async function firstLive(deps: SkuNeeds, claims: readonly SkuClaim[]): Promise<SkuClaim | undefined> {
  if (claims.length === 0) return undefined
  const products = await deps.products.loadAll([...new Set(claims.map(({ productId }) => productId))])
  return claims.find((claim) => {
    const product = products.find(({ _id }) => _id === claim.productId)
    return claim.at > deps.now() - inFlightFor || (product !== undefined && skusOf(product).includes(skuOf(claim)))
  })
}

/**
 * Releases the claims of an attempt, and none that were made since. The claims of a resumed attempt expire instead: the write of the
 * interrupted attempt may still arrive, and its product needs them.
 */
export async function releaseSkus(deps: SkuNeeds, { ids, token, resumed }: Claimed): Promise<void> {
  if (ids.length > 0 && !resumed) await deps.skus.deleteMany({ _id: { $in: ids }, token })
}

/** The claims on SKUs that a product is about to give up. Release them after the write. */
export const findClaims = async (deps: SkuNeeds, sellerId: UserId, skus: readonly string[]): Promise<SkuClaim[]> =>
  skus.length === 0 ? [] : deps.skus.find({ _id: { $in: skus.map((sku) => claimId(sellerId, sku)) } })

export async function releaseClaims(deps: SkuNeeds, claims: readonly SkuClaim[]): Promise<void> {
  const tokens = [...new Set(claims.map(({ token }) => token))]
  for (const token of tokens) {
    const ids = claims.filter((claim) => claim.token === token).map(({ _id }) => _id)
    await releaseSkus(deps, { ids, token, resumed: false })
  }
}
