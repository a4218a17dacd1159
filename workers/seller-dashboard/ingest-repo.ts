import type { EventData } from '../../shared/contracts/events'
import type { Availability } from '../../shared/contracts/facts'
import type { Instant, OrderId, ProductId, UserId, VariantId } from '../../shared/contracts/ids'
import { contributionsOf, type Facts, merge, noFacts, type OrderHeard } from './facts'
import type { Heard, Owner } from './reading'
import { isLow, lowContributions, type Status, steps, type Told } from './stock'
import { type Contribution, totals } from './sums'

/** What an event takes from the sums and what it adds. */
export type Effect = { gone: Contribution[]; come: Contribution[] }

const nothing: Effect = { gone: [], come: [] }
const together = (effects: readonly Effect[]): Effect => ({
  gone: effects.flatMap(({ gone }) => gone),
  come: effects.flatMap(({ come }) => come),
})

type Of<T extends Heard['type']> = Extract<Heard, { type: T }>

/** What was heard, in the SQLite of a dashboard. All of it is synchronous; the caller opens the transaction. */
export type FactsRepo = ReturnType<typeof factsRepo>

/** Where each version of something is kept. */
type History = { table: string; key: string; value: string }
const levels: History = { table: 'levels', key: 'variant_id', value: 'availability' }
const statuses: History = { table: 'statuses', key: 'product_id', value: 'status' }

export function factsRepo(sql: SqlStorage, owner: Owner) {
  const factsOf = (orderId: OrderId): Facts | undefined => {
    const [row] = sql.exec<{ facts: string }>('SELECT facts FROM orders WHERE order_id = ?', orderId).toArray()
    return row && (JSON.parse(row.facts) as Facts)
  }

  /**
   * What was told of a variant's level, or a product's status, from the one on that was in force at an instant, which counts as told then.
   * However long a history is, it is read only as far back as what is new reaches.
   */
  const toldSince = <T extends string>({ table, key, value }: History, id: string, at: Instant): Told<T>[] =>
    sql
      .exec<Told<T>>(
        `SELECT version, MAX(at, ?2) AS at, ${value} AS value FROM ${table} WHERE ${key} = ?1 AND version >= COALESCE((
           SELECT version FROM ${table} WHERE ${key} = ?1 AND version < COALESCE((
             SELECT MIN(version) FROM ${table} INDEXED BY ${table}_by_time WHERE ${key} = ?1 AND at > ?2
           ), ${Number.MAX_SAFE_INTEGER}) ORDER BY version DESC LIMIT 1
         ), 0)`,
        ...[id, at],
      )
      .toArray()
  const levelsSince = (variantId: VariantId, at: Instant) => toldSince<Availability>(levels, variantId, at)
  const statusesSince = (productId: ProductId, at: Instant) => toldSince<Status>(statuses, productId, at)

  /** The instant before which a version changes nothing: all versions before it had taken effect by then. */
  const reachOf = ({ table, key }: History, id: string, version: number): Instant => {
    const latest = `SELECT at FROM ${table} INDEXED BY ${table}_by_time WHERE ${key} = ? AND version < ? ORDER BY at DESC LIMIT 1`
    return sql.exec<{ at: Instant }>(latest, id, version).toArray()[0]?.at ?? Number.MIN_SAFE_INTEGER
  }

  const stockOf = (productId: ProductId): VariantId[] =>
    sql
      .exec<{ variantId: VariantId }>('SELECT variant_id AS variantId FROM stock WHERE product_id = ?', productId)
      .toArray()
      .map(({ variantId }) => variantId)

  /** Whether the event was not heard before. */
  const insertOnce = (insert: string, ...values: (string | number)[]): boolean =>
    sql.exec(`INSERT INTO ${insert} ON CONFLICT DO NOTHING`, ...values).rowsWritten > 0

  const setLow = (variantId: VariantId, levels: readonly Told<Availability>[], statuses: readonly Told<Status>[]): void => {
    const low = isLow(steps(levels).at(-1)?.value ?? null, steps(statuses).at(-1)?.value ?? null)
    sql.exec('UPDATE stock SET low = ?2 WHERE variant_id = ?1 AND low <> ?2', variantId, low ? 1 : 0)
  }

  type Level = Pick<EventData<'stock.changed'>, 'variantId' | 'productId' | 'version' | 'availability' | 'available'>
  /** Takes in how much there is of a variant, as of a version of its stock. */
  function noteLevel({ variantId, productId, version, availability, available }: Level, at: Instant): Effect {
    const since = reachOf(levels, variantId, version)
    const before = levelsSince(variantId, since)
    if (!insertOnce('levels VALUES (?, ?, ?, ?, ?)', variantId, version, at, availability, available)) return nothing
    const upsert = `INSERT INTO stock VALUES (?, ?, ?, 0)
      ON CONFLICT DO UPDATE SET version = excluded.version WHERE excluded.version > version`
    sql.exec(upsert, variantId, productId, version)
    const after = levelsSince(variantId, since)
    const told = statusesSince(productId, since)
    setLow(variantId, after, told)
    return { gone: lowContributions(before, told), come: lowContributions(after, told) }
  }

  return {
    /** The sellers of an order; null of one whose lines were not heard of. */
    sellersOf: (orderId: OrderId): UserId[] | null => factsOf(orderId)?.sale?.groups.map(({ sellerId }) => sellerId) ?? null,

    order(event: OrderHeard): Effect {
      const { orderId } = event.data
      const known = factsOf(orderId)
      const before = known ?? noFacts
      const after = merge(before, event, owner)
      const text = JSON.stringify(after)
      if (text === JSON.stringify(before)) return nothing
      sql.exec('INSERT INTO orders VALUES (?, ?) ON CONFLICT DO UPDATE SET facts = excluded.facts', orderId, text)
      return { gone: contributionsOf(before, owner), come: contributionsOf(after, owner) }
    },

    view({ id, time, data: { weight } }: Of<'product.viewed'>): Effect {
      if (!insertOnce('views VALUES (?)', id)) return nothing
      const at = Date.parse(time)
      const counted = { topic: totals, at }
      return {
        gone: [],
        come: [
          { ...counted, figure: 'views', amount: weight },
          { ...counted, figure: 'viewsTold', amount: 1 },
        ],
      }
    },

    product({ time, data: { productId, version, title, status, variants, opened = [] } }: Of<'product.updated'>): Effect {
      const at: Instant = Date.parse(time)
      // Of a variant inventory's own news begin at 1.
      const begun = opened.map((level) => noteLevel({ ...level, productId, version: 0 }, at))
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
        const told = levelsSince(variantId, since)
        setLow(variantId, told, after)
        return { gone: lowContributions(told, before), come: lowContributions(told, after) }
      })
      return together([...begun, ...moved])
    },

    stock: ({ time, data }: Of<'stock.changed'>): Effect => noteLevel(data, Date.parse(time)),
  }
}
