import { getPath } from 'hono/utils/url'
import { viewedHeader } from '../../shared/contracts/actor'
import { idSchema, newId, type ProductId, type UserId } from '../../shared/contracts/ids'
import { envelopes, publisher } from '../../shared/events/publish'
import { logger } from '../../shared/http/logger'
import type { Passport } from './proxy'

type View = { productId: ProductId; sellerId: UserId }

const ProductIdSchema = idSchema('prd')
const SellerIdSchema = idSchema('usr')

/**
 * What an answer showed somebody who neither sells it nor runs the marketplace; undefined for anything but a product on sale. An answer
 * that says nothing has changed shows it too.
 */
export function viewOf(request: Request, { status, headers }: Response, { actor }: Passport): View | undefined {
  const viewed = headers.get(viewedHeader)
  if (viewed === null || request.method !== 'GET' || (status !== 200 && status !== 304)) return undefined
  const productId = ProductIdSchema.safeParse(getPath(request).split('/').at(-1)).data
  const sellerId = SellerIdSchema.safeParse(viewed).data
  if (productId === undefined || sellerId === undefined) return undefined
  return actor?.role === 'admin' || actor?.userId === sellerId ? undefined : { productId, sellerId }
}

/** Of how many views one is told of, and counts for all of them. */
export const viewsPerSample = ({ VIEWS_PER_SAMPLE }: Pick<GatewayEnv, 'VIEWS_PER_SAMPLE'>): number =>
  Math.max(1, Math.round(Number(VIEWS_PER_SAMPLE) || 1))

/** Tells of a view that was picked. It is a sample, so one that cannot be sent is dropped: nobody waits for it, nothing fails with it. */
export async function tellOfView(env: GatewayEnv, { productId, sellerId }: View, traceparent: string): Promise<void> {
  try {
    const event = envelopes('gateway', { now: Date.now, newId, traceparent })
    await publisher(env)([event('product.viewed', productId, { version: 1, productId, sellerId, weight: viewsPerSample(env) })])
  } catch (error) {
    logger.warn('a view is not counted', { productId, error })
  }
}
