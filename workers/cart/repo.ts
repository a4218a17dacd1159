import type { Envelope } from '../../shared/contracts/events'
import type { Instant, OrderId, UserId } from '../../shared/contracts/ids'
import { type Cart, emptyCart, type Line } from './cart'
import type { Refusal, Transfer } from './cart-object-api'
import type { Due } from './schedule'

/** How long an order or a merge is remembered; no message is delivered later than that. */
const rememberFor = 30 * 24 * 3_600_000
/** How long a change under an Idempotency-Key is remembered: longer than the key is. */
const rememberAttemptsFor = 25 * 3_600_000

/** A cart in the SQLite of its Durable Object. All of it is synchronous; the caller opens the transaction. */
export type CartRepo = ReturnType<typeof cartRepo>

export function cartRepo(sql: SqlStorage) {
  return {
    /** @throws TypeError when the cart belongs to somebody else */
    load(userId: UserId): Cart {
      const stored = sql.exec<{ userId: UserId; version: number }>('SELECT user_id AS userId, version FROM cart').toArray()[0]
      if (!stored) return emptyCart(userId)
      if (stored.userId !== userId) throw new TypeError(`The cart is not that of ${userId}`)
      const rows = sql.exec<{ line: string }>('SELECT line FROM lines ORDER BY position').toArray()
      return { ...emptyCart(userId), version: stored.version, lines: rows.map(({ line }) => JSON.parse(line) as Line) }
    },

    /** Writes what is different, and the event of the change, to be sent at `dueAt`. */
    save(before: Cart, after: Cart, { refreshAt, visitedAt }: Due, outgoing?: { event: Envelope; dueAt: Instant }): void {
      const row = [after.userId, after.version, refreshAt, visitedAt]
      sql.exec('INSERT OR REPLACE INTO cart (only, user_id, version, refresh_at, visited_at) VALUES (1, ?, ?, ?, ?)', ...row)
      for (const { variantId } of before.lines) {
        if (!after.lines.some((line) => line.variantId === variantId))
          sql.exec('DELETE FROM lines WHERE variant_id = ?', variantId)
      }
      for (const line of after.lines) {
        if (before.lines.includes(line)) continue
        const upsert =
          'INSERT INTO lines (variant_id, line) VALUES (?, ?) ON CONFLICT (variant_id) DO UPDATE SET line = excluded.line'
        sql.exec(upsert, line.variantId, JSON.stringify(line))
      }
      if (outgoing)
        sql.exec('INSERT INTO outbox (envelope, due_at) VALUES (?, ?)', JSON.stringify(outgoing.event), outgoing.dueAt)
    },

    /** Whose cart it is and when to refresh its lines; undefined before the first write. */
    due(): (Due & { userId: UserId }) | undefined {
      const query = 'SELECT user_id AS userId, refresh_at AS refreshAt, visited_at AS visitedAt FROM cart'
      return sql.exec<Due & { userId: UserId }>(query).toArray()[0]
    },

    setRefreshAt: (at: Instant | null): void => void sql.exec('UPDATE cart SET refresh_at = ?', at),

    setDue: ({ refreshAt, visitedAt }: Due): void =>
      void sql.exec('UPDATE cart SET refresh_at = ?, visited_at = ?', refreshAt, visitedAt),

    /**
     * The newest unsent event, after those whose sending was interrupted, and the position up to which to delete unsent events once
     * these are sent; undefined for none.
     */
    unsent(): { events: Envelope[]; upTo: number } | undefined {
      const query = 'SELECT position, envelope FROM outbox WHERE begun = 1 OR position = (SELECT MAX(position) FROM outbox)'
      const rows = sql.exec<{ position: number; envelope: string }>(`${query} ORDER BY position`).toArray()
      const newest = rows.at(-1)
      return newest && { events: rows.map(({ envelope }) => JSON.parse(envelope) as Envelope), upTo: newest.position }
    },

    beginSending(upTo: number, dueAgainAt: Instant): void {
      sql.exec('UPDATE outbox SET begun = 1 WHERE position = ?', upTo)
      sql.exec('UPDATE outbox SET due_at = ? WHERE position <= ?', dueAgainAt, upTo)
    },

    forgetSent: (upTo: number): void => void sql.exec('DELETE FROM outbox WHERE position <= ?', upTo),

    /** When the next event, transfer or refresh is due; null for none. */
    nextDue: (): Instant | null =>
      sql
        .exec<{ due: Instant | null }>(
          `SELECT MIN(due) AS due FROM (SELECT MIN(due_at) AS due FROM outbox UNION ALL SELECT MIN(due_at) FROM transfers
             UNION ALL SELECT refresh_at FROM cart)`,
        )
        .one().due,

    /** Returns false when the order was recorded before. */
    recordCheckout: (orderId: OrderId, at: Instant): boolean =>
      sql.exec('INSERT OR IGNORE INTO checkouts VALUES (?, ?) RETURNING order_id', orderId, at).toArray().length > 0,

    wasAttempted: (id: string): boolean => sql.exec('SELECT id FROM attempts WHERE id = ?', id).toArray().length > 0,

    recordAttempt: (id: string, at: Instant): void => void sql.exec('INSERT INTO attempts VALUES (?, ?)', id, at),

    /** The recorded result of a merge; undefined when there is none. */
    merged: (mergeId: string): { refusal: Refusal } | undefined =>
      sql.exec<{ refusal: Refusal }>('SELECT refusal FROM merges WHERE merge_id = ?', mergeId).toArray()[0],

    recordMerge: (mergeId: string, refusal: Refusal, at: Instant): void =>
      void sql.exec('INSERT INTO merges VALUES (?, ?, ?)', mergeId, refusal, at),

    /** The transfers that are due by then; by default all. */
    transfers(until: Instant = Number.MAX_SAFE_INTEGER): Transfer[] {
      const query = 'SELECT merge_id AS mergeId, target_id AS targetId, lines FROM transfers WHERE due_at <= ? ORDER BY merge_id'
      const rows = sql.exec<{ mergeId: string; targetId: UserId; lines: string }>(query, until).toArray()
      return rows.map((row) => ({ ...row, lines: JSON.parse(row.lines) as Line[] }))
    },

    addTransfer: ({ mergeId, targetId, lines }: Transfer, dueAt: Instant): void =>
      void sql.exec('INSERT INTO transfers VALUES (?, ?, ?, ?)', mergeId, targetId, JSON.stringify(lines), dueAt),

    postponeTransfer: (mergeId: string, until: Instant): void =>
      void sql.exec('UPDATE transfers SET due_at = ? WHERE merge_id = ?', until, mergeId),

    /** Returns false when it was gone already. */
    removeTransfer: (mergeId: string): boolean =>
      sql.exec('DELETE FROM transfers WHERE merge_id = ? RETURNING merge_id', mergeId).toArray().length > 0,

    prune(now: Instant): void {
      sql.exec('DELETE FROM checkouts WHERE at < ?', now - rememberFor)
      sql.exec('DELETE FROM merges WHERE at < ?', now - rememberFor)
      sql.exec('DELETE FROM attempts WHERE at < ?', now - rememberAttemptsFor)
    },
  }
}
