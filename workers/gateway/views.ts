import { getPath } from 'hono/utils/url'
import { encodeTime } from 'ulidx'
import { viewedHeader } from '../../shared/contracts/actor'
import { type EventId, type Instant, idSchema, type NewId, type ProductId, type UserId } from '../../shared/contracts/ids'
import { envelopes, publisher } from '../../shared/events/publish'
import { logger } from '../../shared/runtime/logger'
import { perEnvironment } from '../../shared/runtime/per-environment'
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
const viewsPerSample = ({ VIEWS_PER_SAMPLE }: Pick<GatewayEnv, 'VIEWS_PER_SAMPLE'>): number =>
  Math.max(1, Math.round(Number(VIEWS_PER_SAMPLE) || 1))

/** However often somebody looks at a product within half an hour, it is one view. */
export const oneView: Instant = 30 * 60_000

/** The most views that an isolate remembers to have told of. */
const maxRemembered = 5_000

const samplerOf = perEnvironment((env: GatewayEnv) => ({
  key: crypto.subtle.importKey('raw', bytesOf(env.VIEWS_SECRET), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']),
  told: new Set<EventId>(),
}))

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Who looks: a user, or an address, since anybody has as many guests as they ask for. */
const readerOf = ({ actor, address }: Passport): string => (actor && actor.role !== 'guest' ? actor.userId : address)

/**
 * Tells of a view, if it is in the sample. Who looks at what, and in which half hour, decides that and makes the event's id, under a
 * secret: a view that comes again is told of under the same id, which all who hear of it know by then. One that cannot be sent is
 * dropped: nobody waits for it, nothing fails with it.
 */
export async function countView(env: GatewayEnv, { productId, sellerId }: View, passport: Passport, now: Instant): Promise<void> {
  try {
    const weight = viewsPerSample(env)
    const begun = now - (now % oneView)
    const { key, told } = samplerOf(env)
    const view = bytesOf(`${readerOf(passport)} ${productId} ${begun}`)
    const digest = new Uint8Array(await crypto.subtle.sign('HMAC', await key, view))
    if (new DataView(digest.buffer).getUint32(0) * weight >= 2 ** 32) return
    const id = idOf(begun, digest.subarray(4, 20))
    if (told.has(id)) return
    const event = envelopes('gateway', { now: () => now, newId: (() => id) as NewId, traceparent: passport.traceparent })
    await publisher(env)([event('product.viewed', productId, { version: 1, productId, sellerId, weight })])
    if (told.size >= maxRemembered) told.clear()
    told.add(id)
  } catch (error) {
    logger.warn('a view is not counted', { productId, error })
  }
}

/** A ULID whose chance is not chance but these sixteen bytes, five bits of each. Source: https://github.com/ulid/spec */
const idOf = (at: Instant, bytes: Uint8Array): EventId =>
  `evt_${encodeTime(at, 10)}${[...bytes].map((byte) => letters[byte % 32]).join('')}`.toLowerCase() as EventId
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
