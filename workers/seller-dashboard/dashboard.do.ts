import { DurableObject } from 'cloudflare:workers'
import type { Instant, OrderId, UserId } from '../../shared/contracts/ids'
import type { Currency } from '../../shared/contracts/money'
import { backoff } from '../../shared/events/consume'
import { logger } from '../../shared/runtime/logger'
import { withTimeout } from '../../shared/runtime/with-timeout'
import { migrate } from '../../shared/storage/migrations'
import type { DashboardApi, DashboardEvent, LowStock, Owner, Period, Sums, TopProduct } from './dashboard-api'
import { type Deps, depsFrom } from './deps'
import { type Effect, type IngestRepo, ingestRepo } from './ingest-repo'
import { figuresToday, liveRepo, ownerOf } from './live'
import { migrations } from './migrations'
import { entriesOf, usualCurrency } from './sums'
import { type SumsRepo, sumsRepo } from './sums-repo'

/** How long a frame may take to arrive. It is sent again under its key, so it is shown once even if it did arrive. */
const timeoutMs = 10_000

/**
 * The dashboard of one seller, or of the marketplace, by its name. An event and the sums that it changes are one synchronous transaction,
 * so that each event counts exactly once. Reads are answered from the sums.
 */
export class DashboardDO extends DurableObject<SellerDashboardEnv> implements DashboardApi {
  /** RPC reaches methods only, so no caller can set this; tests replace it. */
  deps: Pick<Deps, 'now' | 'notification'>
  readonly #owner: Owner
  readonly #ingest: IngestRepo
  readonly #sums: SumsRepo
  readonly #live: ReturnType<typeof liveRepo>

  constructor(context: DurableObjectState, env: SellerDashboardEnv) {
    super(context, env)
    const { sql } = context.storage
    migrate(context.storage, migrations)
    this.#owner = ownerOf(sql, context.id.name)
    this.#ingest = ingestRepo(sql, this.#owner)
    this.#sums = sumsRepo(sql)
    this.#live = liveRepo(sql)
    this.deps = depsFrom(env)
  }

  async ingest(events: readonly DashboardEvent[]): Promise<void> {
    const isSet = (await this.ctx.storage.getAlarm()) !== null
    const showAt = this.ctx.storage.transactionSync((): Instant | null => {
      const [fresh, replayed] = [events.filter(({ replay }) => !replay), events.filter(({ replay }) => replay)]
      this.#applyAll(replayed)
      return this.#applyAll(fresh) && this.#owner !== 'marketplace' ? this.#live.markChanged(this.deps.now(), isSet) : null
    })
    // No await since the transaction, so that the platform commits the alarm together with it.
    if (showAt !== null) await this.ctx.storage.setAlarm(showAt)
  }

  async sellersOf(orderId: OrderId): Promise<UserId[] | null> {
    return this.#ingest.sellersOf(orderId)
  }

  async overview(
    periods: readonly Period[],
    now: Instant,
    lowest: number,
  ): Promise<{ sums: Sums[]; low: number[]; lowStock: LowStock[] }> {
    return {
      sums: periods.map((period) => this.#sums.sumsIn(period)),
      low: periods.map(({ until }) => this.#sums.lowAt(until)),
      lowStock: this.#sums.lowStock(now, null, lowest).items,
    }
  }

  async series(periods: readonly Period[]): Promise<Sums[]> {
    return periods.map((period) => this.#sums.sumsIn(period))
  }

  async topProducts(
    period: Period,
    currency: Currency | undefined,
    by: 'gross' | 'units',
    limit: number,
  ): Promise<{ currency: Currency; items: TopProduct[] }> {
    const chosen = currency ?? usualCurrency(this.#sums.sumsIn(period))
    return { currency: chosen, items: this.#sums.topProducts(period, chosen, by, limit) }
  }

  async lowStock(now: Instant, after: string | null, limit: number): Promise<{ items: LowStock[]; next: string | null }> {
    return this.#sums.lowStock(now, after, limit)
  }

  /** Shows the owner's devices the changed figures of today. Throws nothing; a frame that does not arrive is sent again. */
  override async alarm(): Promise<void> {
    const { now, notification } = this.deps
    const due = this.#live.due()
    // An alarm may run early, or twice.
    if (due === null || due > now()) return due === null ? undefined : this.ctx.storage.setAlarm(due)
    const begin = () => this.#live.begin(() => figuresToday(this.#sums, now()), now())
    const frame = this.ctx.storage.transactionSync(begin)
    if (frame === null) return
    try {
      await withTimeout(timeoutMs, () => notification.showDashboard(this.#owner as UserId, frame))
      this.#live.arrived()
    } catch (error) {
      logger.warn('the dashboard frame will be sent again', { owner: this.#owner, error })
      const attempts = this.#live.failed()
      await this.ctx.storage.setAlarm(now() + backoff(attempts, () => 0) * 1000)
      return
    }
    const next = this.#live.due()
    if (next !== null) await this.ctx.storage.setAlarm(Math.max(next, now()))
  }

  /** Applies events. Returns whether any sum changed. */
  #applyAll(events: readonly DashboardEvent[]): boolean {
    const effects = events.map((event) => this.#apply(event))
    const entries = entriesOf(
      effects.flatMap(({ removed }) => removed),
      effects.flatMap(({ added }) => added),
    )
    this.#sums.add(entries)
    return entries.length > 0
  }

  #apply(event: DashboardEvent): Effect {
    switch (event.type) {
      case 'product.updated':
        return this.#ingest.product(event)
      case 'product.viewed':
        return this.#ingest.view(event)
      case 'stock.changed':
        return this.#ingest.stock(event)
      default:
        return this.#ingest.order(event)
    }
  }
}
