import type { VariantId } from '../../../shared/contracts/ids'
import type { Level } from '../../../shared/contracts/inventory'
import type { Described } from '../../../shared/contracts/product'
import type { Finding } from './finding'
import type { Listing } from './listing'
import { salesDays } from './sales-window'

/** Days of cover below which the seller is alerted, and that the proposed quantity restores. */
const alertDays = 7
const coverDays = 28

const rounded = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits

/**
 * Whether a variant's stock lasts less than a week at the pace of the last four. Without sales in that time, nothing is suggested.
 * `units` were sold in the days that count.
 */
export function judgeStock(
  { recovered }: Pick<Listing, 'recovered'>,
  { variantId, title }: Pick<Described['variants'][number], 'variantId' | 'title'>,
  units: number,
  level: Level | undefined,
): Finding {
  const finding = { kind: 'stock' as const, subject: variantId, basis: `recovered ${recovered[variantId] ?? 0}` }
  if (units === 0 || !level) return { ...finding, advice: null }
  const { available, availability } = level
  const days = (available * salesDays) / units
  if (days >= alertDays) return { ...finding, basis: 'covered', advice: null }
  const quantity = Math.max(1, Math.ceil((units * coverDays) / salesDays) - available)
  const pace = { unitsSold: units, dailySales: rounded(units / salesDays, 2), daysOfCover: rounded(days, 1) }
  const evidence = { variantId, variantTitle: title, available, availability, ...pace }
  return { ...finding, advice: { kind: 'stock', evidence, proposal: { quantity } } }
}

/** The variants that sold: the level of any other decides nothing. */
export const sellingOf = (products: readonly Described[], units: ReadonlyMap<VariantId, number>): VariantId[] =>
  products.flatMap(({ variants }) => variants.map(({ variantId }) => variantId).filter((id) => (units.get(id) ?? 0) > 0))
