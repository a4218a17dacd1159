import type { EventData } from '../../shared/contracts/events'
import type { Availability } from '../../shared/contracts/facts'
import type { Instant, OrderId, ProductId, UserId, VariantId } from '../../shared/contracts/ids'
import type { DashboardEvent, Owner } from './dashboard-api'
import { contributionsOf, merge, noFacts, type OrderEvent, type OrderFacts } from './ingest'
import { isLow, lowContributions, type Status, steps, type Versioned } from './stock'
import { type Contribution, totals } from './sums'

/** The contributions that an event removes from the sums and adds to them. */
export type Effect = { removed: Contribution[]; added: Contribution[] }

const nothing: Effect = { removed: [], added: [] }
const together = (effects: readonly Effect[]): Effect => ({
  removed: effects.flatMap(({ removed }) => removed),
  added: effects.flatMap(({ added }) => added),
})

type Of<T extends DashboardEvent['type']> = Extract<DashboardEvent, { type: T }>

/** The ingested events in the SQLite of a dashboard. All of it is synchronous; the caller opens the transaction. */
export type IngestRepo = ReturnType<typeof ingestRepo>

/** The table of the versions of a variant's level or a product's status. */
type History = { table: string; key: string; value: string }
const levels: History = { table: 'levels', key: 'variant_id', value: 'availability' }
const statuses: History = { table: 'statuses', key: 'product_id', value: 'status' }

export function ingestRepo(sql: SqlStorage, owner: Owner) {
  const factsOf = (orderId: OrderId): OrderFacts | undefined => {
    const [row] = sql.exec<{ facts: string }>('SELECT facts FROM orders WHERE order_id = ?', orderId).toArray()
    return row && (JSON.parse(row.facts) as OrderFacts)
  }

  /**
   * The versions of a variant's level, or a product's status, from the one in force at an instant, which gets that instant as its time.
   * A history is read only from the first version that a new event can affect, however long it is.
   */
  const versionsSince = <T extends string>({ table, key, value }: History, id: string, at: Instant): Versioned<T>[] =>
    sql
      .exec<Versioned<T>>(
        `SELECT version, MAX(at, ?2) AS at, ${value} AS value FROM ${table} WHERE ${key} = ?1 AND version >= COALESCE((
           SELECT version FROM ${table} WHERE ${key} = ?1 AND version < COALESCE((
             SELECT MIN(version) FROM ${table} INDEXED BY ${table}_by_time WHERE ${key} = ?1 AND at > ?2
           ), ${Number.MAX_SAFE_INTEGER}) ORDER BY version DESC LIMIT 1
         ), 0)`,
        ...[id, at],
      )
      .toArray()
  const levelsSince = (variantId: VariantId, at: Instant) => versionsSince<Availability>(levels, variantId, at)
  const statusesSince = (productId: ProductId, at: Instant) => versionsSince<Status>(statuses, productId, at)

  /** The first instant that a version can affect: all earlier versions had taken effect before. */
  const reachOf = ({ table, key }: History, id: string, version: number): Instant => {
    const latest = `SELECT at FROM ${table} INDEXED BY ${table}_by_time WHERE ${key} = ? AND version < ? ORDER BY at DESC LIMIT 1`
    return sql.exec<{ at: Instant }>(latest, id, version).toArray()[0]?.at ?? Number.MIN_SAFE_INTEGER
  }

  const stockOf = (productId: ProductId): VariantId[] =>
    sql
      .exec<{ variantId: VariantId }>('SELECT variant_id AS variantId FROM stock WHERE product_id = ?', productId)
      .toArray()
      .map(({ variantId }) => variantId)

  /** Returns false when the row exists already. */
  const insertOnce = (insert: string, ...values: (string | number)[]): boolean =>
    sql.exec(`INSERT INTO ${insert} ON CONFLICT DO NOTHING`, ...values).rowsWritten > 0

  const setLow = (
    variantId: VariantId,
    levels: readonly Versioned<Availability>[],
    statuses: readonly Versioned<Status>[],
  ): void => {
    const low = isLow(steps(levels).at(-1)?.value ?? null, steps(statuses).at(-1)?.value ?? null)
    sql.exec('UPDATE stock SET low = ?2 WHERE variant_id = ?1 AND low <> ?2', variantId, low ? 1 : 0)
  }

  type Level = Pick<EventData<'stock.changed'>, 'variantId' | 'productId' | 'version' | 'availability' | 'available'>
  /** Records the level of a variant at a version of its stock. */
  function recordLevel({ variantId, productId, version, availability, available }: Level, at: Instant): Effect {
    const since = reachOf(levels, variantId, version)
    const before = levelsSince(variantId, since)
    if (!insertOnce('levels VALUES (?, ?, ?, ?, ?)', variantId, version, at, availability, available)) return nothing
    const upsert = `INSERT INTO stock VALUES (?, ?, ?, 0)
      ON CONFLICT DO UPDATE SET version = excluded.version WHERE excluded.version > version`
    sql.exec(upsert, variantId, productId, version)
    const after = levelsSince(variantId, since)
    const known = statusesSince(productId, since)
    setLow(variantId, after, known)
    return { removed: lowContributions(before, known), added: lowContributions(after, known) }
  }

  return {
    /** The sellers of an order; null while its lines are unknown. */
    sellersOf: (orderId: OrderId): UserId[] | null => factsOf(orderId)?.sale?.groups.map(({ sellerId }) => sellerId) ?? null,

    order(event: OrderEvent): Effect {
      const { orderId } = event.data
      const known = factsOf(orderId)
      const before = known ?? noFacts
      const after = merge(before, event, owner)
      const text = JSON.stringify(after)
      if (text === JSON.stringify(before)) return nothing
      sql.exec('INSERT INTO orders VALUES (?, ?) ON CONFLICT DO UPDATE SET facts = excluded.facts', orderId, text)
      return { removed: contributionsOf(before, owner), added: contributionsOf(after, owner) }
    },

    view({ id, time, data: { weight } }: Of<'product.viewed'>): Effect {
      if (!insertOnce('views VALUES (?)', id)) return nothing
      const at = Date.parse(time)
      const counted = { topic: totals, at }
      return {
        removed: [],
        added: [
          { ...counted, figure: 'views', amount: weight },
          { ...counted, figure: 'viewEvents', amount: 1 },
        ],
      }
    },

    product({ time, data: { productId, version, title, status, variants, opened = [] } }: Of<'product.updated'>): Effect {
      const at: Instant = Date.parse(time)
      // The versions of stock.changed begin at 1.
      const begun = opened.map((level) => recordLevel({ ...level, productId, version: 0 }, at))
      const since = reachOf(statuses, productId, version)
      const before = statusesSince(productId, since)
      if (!insertOnce('statuses VALUES (?, ?, ?, ?)', productId, version, at, status)) return together(begun)
      const newer =
        'ON CONFLICT DO UPDATE SET version = excluded.version, title = excluded.title WHERE excluded.version > version'
      sql.exec(`INSERT INTO products VALUES (?, ?, ?) ${newer}`, productId, version, title)
      for (const variant of variants) {
        sql.exec(`INSERT INTO variants VALUES (?, ?, ?) ${newer}`, variant.variantId, version, variant.title)
      }
      const after = statusesSince(productId, since)
      const stocked = JSON.stringify(steps(before)) === JSON.stringify(steps(after)) ? [] : stockOf(productId)
      const moved = stocked.map((variantId): Effect => {
        const known = levelsSince(variantId, since)
        setLow(variantId, known, after)
        return { removed: lowContributions(known, before), added: lowContributions(known, after) }
      })
      return together([...begun, ...moved])
    },

    stock: ({ time, data }: Of<'stock.changed'>): Effect => recordLevel(data, Date.parse(time)),
  }
}
