import { z } from '@hono/zod-openapi'
import type { Filter, Sort } from '../../shared/contracts/data'
import type { UserId } from '../../shared/contracts/ids'
import type { Currency } from '../../shared/contracts/money'
import { decodeCursor } from '../../shared/http/cursor'
import { beyond } from '../../shared/storage/place'
import type { Shown, Status } from './product'
import { searchFilters } from './search'

const text = z.string().max(400)
/** The sort orders of the catalogue. Each is a stored scalar and then the id, so that a cursor is a key and not an offset. */
const orders = {
  newest: { path: 'createdAt', direction: -1, key: z.number() },
  price: { path: 'lowestPrice', direction: 1, key: z.number() },
  '-price': { path: 'lowestPrice', direction: -1, key: z.number() },
  title: { path: 'titleKey', direction: 1, key: text },
} as const

export type Order = keyof typeof orders
export const orderNames = Object.keys(orders) as [Order, ...Order[]]

export type CatalogueQuery = {
  q?: string | undefined
  category?: string | undefined
  seller?: UserId | undefined
  /** Minor units, compared with a product's lowest price. Without a currency, yen are compared with cents. */
  minPrice?: number | undefined
  maxPrice?: number | undefined
  currency?: Currency | undefined
  sort: Order
  cursor?: string | undefined
  limit: number
}

/** The cursor after a product in a sort order. */
export const placeOf = (order: Order, product: Shown): (string | number)[] => [order, product[orders[order].path], product._id]

/**
 * The filter and the sort of a page; null when no product can match.
 * @throws AppError `validation_failed` for a cursor that this Worker did not make, or that belongs to another sort order
 */
export function pageQuery(query: CatalogueQuery, visible: readonly Status[]): { filter: Filter; sort: Sort } | null {
  const { path, direction, key } = orders[query.sort]
  const after = decodeCursor(query.cursor, z.tuple([z.literal(query.sort), key, text]))
  const found = query.q === undefined ? [] : searchFilters(query.q)
  if (found === null) return null
  const filters: Filter[] = [...found, { status: { $in: [...visible] } }]
  if (query.category !== undefined) filters.push({ category: query.category })
  if (query.seller !== undefined) filters.push({ sellerId: query.seller })
  if (query.currency !== undefined) filters.push({ currency: query.currency })
  if (query.minPrice !== undefined) filters.push({ lowestPrice: { $gte: query.minPrice } })
  if (query.maxPrice !== undefined) filters.push({ lowestPrice: { $lte: query.maxPrice } })
  if (after !== undefined) filters.push(beyond(path, direction, after[1], after[2]))
  return { filter: { $and: filters }, sort: { [path]: direction, _id: direction } }
}
