import type { VariantId } from '../../../shared/contracts/ids'
import type { Level } from '../../../shared/contracts/inventory'
import type { Described } from '../../../shared/contracts/product'
import type { Verdict } from './finding'
import type { Listing } from './listing'
import { salesDays } from './sales'

/** Days of cover below which somebody is alerted, and up to which an order should reach. */
const alertDays = 7
const coverDays = 28

const rounded = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits

/**
 * Whether a variant lasts for less than a week at the pace of the last four. Of what did not sell in that time, nothing is suggested.
 * `units` is what sold in the days that count.
 */
export function judgeStock(
  { recovered }: Pick<Listing, 'recovered'>,
  { variantId, title }: Pick<Described['variants'][number], 'variantId' | 'title'>,
  units: number,
  level: Level | undefined,
): Verdict {
  const verdict = { kind: 'stock' as const, subject: variantId, basis: `recovered ${recovered[variantId] ?? 0}` }
  if (units === 0 || !level) return { ...verdict, finding: null }
  const { available, availability } = level
  const days = (available * salesDays) / units
  if (days >= alertDays) return { ...verdict, basis: 'covered', finding: null }
  const quantity = Math.max(1, Math.ceil((units * coverDays) / salesDays) - available)
  const pace = { unitsSold: units, dailySales: rounded(units / salesDays, 2), daysOfCover: rounded(days, 1) }
  const evidence = { variantId, variantTitle: title, available, availability, ...pace }
  return { ...verdict, finding: { kind: 'stock', evidence, proposal: { quantity } } }
}

/** The variants of products of which something sold: whose level decides anything. */
export const sellingOf = (products: readonly Described[], units: ReadonlyMap<VariantId, number>): VariantId[] =>
  products.flatMap(({ variants }) => variants.map(({ variantId }) => variantId).filter((id) => (units.get(id) ?? 0) > 0))
