import { z } from '@hono/zod-openapi'
import type { Instant, ProductId } from '../../shared/contracts/ids'
import type { Currency } from '../../shared/contracts/money'
import { decodeCursor, encodeCursor } from '../../shared/http/cursor'
import type { LowStock, Period, Sums, TopProduct } from './dashboard-api'
import { quarter } from './periods'
import {
  day,
  detailSpans,
  type Entry,
  lowVariants,
  productTopic,
  type Span,
  startOf,
  stretchesOf,
  sumsOf,
  totals,
  totalsSpans,
} from './sums'

/** The days of sales from which the days of cover are computed. */
const salesDays = 28

type Figures = { figures: string }
type Amount = { figure: string; amount: number }
type LowRow = Omit<LowStock, 'dailySales' | 'daysOfCover'> & { units: number; unsold: number; pace: number }

/** The sums of a dashboard in its SQLite. All of it is synchronous. */
export type SumsRepo = ReturnType<typeof sumsRepo>

export function sumsRepo(sql: SqlStorage) {
  /** The amounts of a topic's figures over a period, except of the totals. The cost depends only on the length of the period. */
  const amountsOf = (topic: string, period: Period, rest = '', ...values: (string | number)[]): Amount[] => {
    const stretches = stretchesOf(period, detailSpans)
    if (stretches.length === 0) return []
    const part = 'SELECT figure, amount FROM sums WHERE topic = ? AND span = ? AND at >= ? AND at < ?'
    const bounds = stretches.flatMap(({ span, from, until }) => [topic, span, from, until])
    const query = `SELECT figure, SUM(amount) AS amount FROM (${stretches.map(() => part).join(' UNION ALL ')})`
    return sql.exec<Amount>(`${query} ${rest || 'GROUP BY figure'}`, ...bounds, ...values).toArray()
  }

  /** The figures of all stretches of a period. */
  const figuresIn = (period: Period): Record<string, number>[] =>
    stretchesOf(period, totalsSpans)
      .flatMap(({ span, from, until }) =>
        sql.exec<Figures>('SELECT figures FROM totals WHERE span = ? AND at >= ? AND at < ?', span, from, until).toArray(),
      )
      .map(({ figures }) => JSON.parse(figures) as Record<string, number>)

  const sumsIn = (period: Period): Sums => sumsOf(figuresIn(period))

  const addToTotals = (span: Span, at: Instant, entries: readonly Entry[]): void => {
    const [row] = sql.exec<Figures>('SELECT figures FROM totals WHERE span = ? AND at = ?', span, at).toArray()
    const figures = row ? (JSON.parse(row.figures) as Record<string, number>) : {}
    for (const { figure, amount } of entries) {
      const sum = (figures[figure] ?? 0) + amount
      if (sum === 0) delete figures[figure]
      else figures[figure] = sum
    }
    const upsert = 'INSERT INTO totals VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET figures = excluded.figures'
    if (Object.keys(figures).length > 0) sql.exec(upsert, span, at, JSON.stringify(figures))
    else sql.exec('DELETE FROM totals WHERE span = ? AND at = ?', span, at)
  }

  return {
    /** Adds to the sums. A sum of zero is not kept, so that equal sums are stored equally whatever led to them. */
    add(entries: readonly Entry[]): void {
      const upsert = `INSERT INTO sums VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET amount = amount + excluded.amount RETURNING amount`
      const [whole, others] = [entries.filter(({ topic }) => topic === totals), entries.filter(({ topic }) => topic !== totals)]
      for (const some of Map.groupBy(whole, ({ span, at }) => `${span} ${at}`).values()) {
        const [first] = some
        if (first) addToTotals(first.span, first.at, some)
      }
      for (const { topic, span, at, figure, amount } of others) {
        const row = [topic, span, at, figure]
        const sum = sql.exec<{ amount: number }>(upsert, ...row, amount).one()
        if (sum.amount === 0) sql.exec('DELETE FROM sums WHERE topic = ? AND span = ? AND at = ? AND figure = ?', ...row)
      }
    },

    sumsIn,

    /** How many variants were low or out at an instant, which must be a full quarter of an hour. */
    lowAt(at: Instant): number {
      return amountsOf(lowVariants, { from: 0, until: at })[0]?.amount ?? 0
    },

    topProducts(period: Period, currency: Currency, by: 'gross' | 'units', limit: number): TopProduct[] {
      const most = 'GROUP BY figure ORDER BY amount DESC, figure LIMIT ?'
      const first = amountsOf(productTopic(by, currency), period, most, limit)
      const productIds = JSON.stringify(first.map(({ figure }) => figure))
      const ofThese = 'WHERE figure IN (SELECT value FROM json_each(?)) GROUP BY figure'
      const ofEach = (figure: 'units' | 'orders' | 'gross') =>
        new Map(amountsOf(productTopic(figure, currency), period, ofThese, productIds).map((row) => [row.figure, row.amount]))
      const [units, orders, gross] = [ofEach('units'), ofEach('orders'), ofEach('gross')]
      const titles = new Map(
        sql
          .exec<{ id: string; title: string }>(
            'SELECT product_id AS id, title FROM products WHERE product_id IN (SELECT value FROM json_each(?))',
            productIds,
          )
          .toArray()
          .map(({ id, title }) => [id, title]),
      )
      return first.map(({ figure }) => ({
        ...{ productId: figure as ProductId, title: titles.get(figure) ?? null },
        ...{ units: units.get(figure) ?? 0, orders: orders.get(figure) ?? 0, gross: gross.get(figure) ?? 0 },
      }))
    },

    /** First the variants that run out first; last those without sales, and of these the ones that are out before the low ones. */
    lowStock(now: Instant, after: string | null, limit: number): { items: LowStock[]; next: string | null } {
      const place = decodeCursor(after ?? undefined, z.tuple([z.number(), z.number(), z.string()])) ?? [-1, -1, '']
      const until = startOf(now, quarter) + quarter
      const stretches = stretchesOf({ from: until - salesDays * day, until }, detailSpans)
      const sold = '(SELECT COALESCE(SUM(amount), 0) FROM sums WHERE topic = s.variant_id AND span = ? AND at >= ? AND at < ?)'
      const rows = sql
        .exec<LowRow>(
          `WITH sold AS (
             SELECT s.variant_id AS variantId, s.product_id AS productId, l.availability, l.available, l.at AS asOf,
               ${stretches.map(() => sold).join(' + ')} AS units
             FROM stock s JOIN levels l ON l.variant_id = s.variant_id AND l.version = s.version WHERE s.low = 1
           ), ranked AS (
             SELECT *, units = 0 AS unsold, CASE units WHEN 0 THEN available ELSE 1.0 * available / units END AS pace FROM sold
           )
           SELECT ranked.*, COALESCE(v.title, p.title) AS title FROM ranked
             LEFT JOIN variants v ON v.variant_id = variantId LEFT JOIN products p ON p.product_id = productId
           WHERE (unsold, pace, variantId) > (?, ?, ?) ORDER BY unsold, pace, variantId LIMIT ?`,
          ...stretches.flatMap(({ span, from, until: end }) => [span, from, end]),
          ...place,
          limit + 1,
        )
        .toArray()
      const shown = rows.slice(0, limit)
      const last = shown.at(-1)
      const more = rows.length > limit && last !== undefined
      return { items: shown.map(toLowStock), next: more ? encodeCursor([last.unsold, last.pace, last.variantId]) : null }
    },
  }
}

const toLowStock = ({ units, unsold: _unsold, pace: _pace, ...row }: LowRow): LowStock => ({
  ...row,
  dailySales: units / salesDays,
  daysOfCover: units === 0 ? null : (row.available * salesDays) / units,
})
