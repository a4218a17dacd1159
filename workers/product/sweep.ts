import { flush } from '../../shared/events/outbox'
import { forgottenAfter } from '../../shared/storage/shelf'
import type { Deps } from './deps'
import { renewShelves } from './shelf'

/** The most products of one round. */
const atOnce = 100

/**
 * What cron does: tells what a crash, or a cache that did not answer, left. While the cache still does not answer, only of what
 * changed so long ago that no answer from before is believed any more. Returns how many products it told of.
 */
export async function sweep(deps: Deps): Promise<number> {
  const left = await deps.products.untold(atOnce)
  if (left.length === 0) return 0
  const renewed = await renewShelves(
    deps.cache,
    left.map(({ _id }) => _id),
  )
  const ripe = renewed ? left : left.filter(({ updatedAt }) => updatedAt + forgottenAfter < deps.now())
  await flush({ collection: deps.products.collection, publish: deps.publish }, ripe)
  return ripe.length
}
