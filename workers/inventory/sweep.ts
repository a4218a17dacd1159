import type { VariantId } from '../../shared/contracts/ids'
import type { Deps } from './deps'
import { settle } from './settle'
import { releaseWrite } from './stock'

const pageSize = 100
/** No message is delivered later than this, so no return or commit can come after it. */
const rememberReturnsFor = 14 * 24 * 3_600_000

/** What cron does: expires holds, settles what a crash left, forgets old returns. */
export async function sweep(deps: Deps): Promise<void> {
  await expireHolds(deps)
  const left = await deps.stocks.collection.find({ outboxPending: true }, { sort: { _id: 1 }, limit: pageSize })
  await settle(
    deps,
    left.map(({ _id }) => _id),
  )
  await deps.stocks.collection.updateMany(
    { 'returned.at': { $lt: deps.now() - rememberReturnsFor } },
    {
      $pull: { returned: { at: { $lt: deps.now() - rememberReturnsFor } } },
    },
  )
}

async function expireHolds(deps: Deps): Promise<void> {
  const now = deps.now()
  let after = ''
  for (;;) {
    const stocks = await deps.stocks.withHolds(after, pageSize)
    for (const stock of stocks) {
      const expired = stock.holds.filter(({ orderId, expiresAt }) => expiresAt <= now && !stock.secured.includes(orderId))
      if (expired.length === 0) continue
      await deps.stocks.attempt(
        expired.map(({ orderId, quantity }) => releaseWrite(orderId, { variantId: stock._id, quantity }, now, now)),
      )
      await settle(deps, [stock._id])
    }
    const last: VariantId | undefined = stocks.at(-1)?._id
    if (stocks.length < pageSize || last === undefined) return
    after = last
  }
}
