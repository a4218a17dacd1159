import { inSequence } from '../../shared/events/in-sequence'
import { keepSuccessful } from '../../shared/events/keep-successful'
import { sweepIdempotency } from '../../shared/http/idempotency'
import type { Deps } from './deps'
import { flushStock } from './flush-stock'
import { releaseWrite, type Stock, type StockSummary } from './stock'

const pageSize = 100
/** The platform allows 32 calls by service binding in one run: a page with expired holds costs up to five. */
const pagesPerRun = 2
/** A page of only confirmed holds, whose sale is under way, costs one call. */
const pagesReadPerRun = 8
/** The write of a stock with many holds is large. */
const releasesPerPage = 500
/** Longer than any delivery runs; a later delivery finds the movement of the return. */
const rememberReturnsFor = 3_600_000

/** What cron does: expires holds, flushes what a crash left, deletes old returns and answers. */
export const sweep = (deps: Deps): Promise<void> =>
  inSequence(
    () => expireHolds(deps),
    async () => {
      await flushStock(deps, await deps.stocks.withPendingOutbox(pageSize))
    },
    () => deps.stocks.forgetReturnsBefore(deps.now() - rememberReturnsFor),
    () => sweepIdempotency(deps),
  )

async function expireHolds(deps: Deps): Promise<void> {
  const now = deps.now()
  let after = ''
  let pages = 0
  for (let read = 0; read < pagesReadPerRun && pages < pagesPerRun; read++) {
    const stocks = await deps.stocks.withOverdueHolds(now, after, pageSize)
    const expired = stocks.flatMap((stock) => expiredIn(stock, now)).slice(0, releasesPerPage)
    if (expired.length > 0) {
      pages += 1
      const after: StockSummary[] = []
      await keepSuccessful(expired, async (some) => {
        const writes = some.map(({ orderId, line }) => releaseWrite(orderId, line, now, { expiredBy: now }))
        after.push(...(await deps.stocks.attemptAndFind(writes)).stocks)
      })
      await flushStock(deps, after)
    }
    const last = expired.length < releasesPerPage ? stocks.at(-1)?._id : expired.at(-1)?.line.variantId
    if (last === undefined || (stocks.length < pageSize && expired.length < releasesPerPage)) return
    after = last
  }
}

const expiredIn = ({ _id: variantId, holds, confirmed }: Stock, now: number) =>
  holds
    .filter(({ orderId, expiresAt }) => expiresAt <= now && !confirmed.includes(orderId))
    .map(({ orderId, quantity }) => ({ orderId, line: { variantId, quantity } }))
