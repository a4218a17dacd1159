import { getPath } from 'hono/utils/url'
import { encodeTime } from 'ulidx'
import { viewedHeader } from '../../shared/contracts/actor'
import { type EventId, type Instant, idSchema, type NewId, type ProductId, type UserId } from '../../shared/contracts/ids'
import { envelopes, publisher } from '../../shared/events/publish'
import { logger } from '../../shared/runtime/logger'
import { perEnvironment } from '../../shared/runtime/per-environment'
import type { RequestContext } from './proxy'

type View = { productId: ProductId; sellerId: UserId }

const ProductIdSchema = idSchema('prd')
const SellerIdSchema = idSchema('usr')

/**
 * The view of a product on sale that an answer makes, 304 included; undefined for any other answer, and when the reader is its seller
 * or an operator.
 */
export function viewOf(request: Request, { status, headers }: Response, { actor }: RequestContext): View | undefined {
  const viewed = headers.get(viewedHeader)
  if (viewed === null || request.method !== 'GET' || (status !== 200 && status !== 304)) return undefined
  const productId = ProductIdSchema.safeParse(getPath(request).split('/').at(-1)).data
  const sellerId = SellerIdSchema.safeParse(viewed).data
  if (productId === undefined || sellerId === undefined) return undefined
  return actor?.role === 'admin' || actor?.userId === sellerId ? undefined : { productId, sellerId }
}

/** One view of so many is published, and stands for all of them. */
const viewsPerSample = ({ VIEWS_PER_SAMPLE }: Pick<GatewayEnv, 'VIEWS_PER_SAMPLE'>): number =>
  Math.max(1, Math.round(Number(VIEWS_PER_SAMPLE) || 1))

/** All looks of one reader at one product within half an hour are one view. */
export const viewWindow: Instant = 30 * 60_000

/** The most ids of published views that an isolate remembers. */
const maxSentIds = 5_000

const samplerOf = perEnvironment((env: GatewayEnv) => ({
  key: crypto.subtle.importKey('raw', bytesOf(env.VIEWS_SECRET), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']),
  published: new Set<EventId>(),
}))

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Who looks: a user, or an address for guests, since one client can have any number of guest sessions. */
const readerOf = ({ actor, address }: RequestContext): string => (actor && actor.role !== 'guest' ? actor.userId : address)

/**
 * Publishes a view if it is in the sample. A keyed hash of reader, product and half hour decides that, and makes the id of the event:
 * a view that repeats has the same id, so consumers drop it. A view that cannot be sent is lost, and nothing fails with it.
 */
export async function countView(
  env: GatewayEnv,
  { productId, sellerId }: View,
  context: RequestContext,
  now: Instant,
): Promise<void> {
  try {
    const weight = viewsPerSample(env)
    const begun = now - (now % viewWindow)
    const { key, published } = samplerOf(env)
    const view = bytesOf(`${readerOf(context)} ${productId} ${begun}`)
    const digest = new Uint8Array(await crypto.subtle.sign('HMAC', await key, view))
    if (new DataView(digest.buffer).getUint32(0) * weight >= 2 ** 32) return
    const id = idOf(begun, digest.subarray(4, 20))
    if (published.has(id)) return
    const event = envelopes('gateway', { now: () => now, newId: (() => id) as NewId, traceparent: context.traceparent })
    await publisher(env)([event('product.viewed', productId, { version: 1, productId, sellerId, weight })])
    if (published.size >= maxSentIds) published.clear()
    published.add(id)
  } catch (error) {
    logger.warn('a view is not counted', { productId, error })
  }
}

/** A deterministic ULID: its random part is five bits of each of these sixteen bytes. Source: https://github.com/ulid/spec */
const idOf = (at: Instant, bytes: Uint8Array): EventId =>
  `evt_${encodeTime(at, 10)}${[...bytes].map((byte) => base32[byte % 32]).join('')}`.toLowerCase() as EventId
const base32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
