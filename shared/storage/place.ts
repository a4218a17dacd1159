import type { Filter } from '../contracts/data'
import type { Instant } from '../contracts/ids'

/**
 * What comes after a place in an order by one path and then by the id, so that a page begins where the one before ended, however
 * many there are. The plain range is implied by the rest: an index can begin there.
 */
export function beyond(path: string, direction: 1 | -1, value: string | number, id: string): Filter {
  const past = direction === 1 ? '$gt' : '$lt'
  return { [path]: { [`${past}e`]: value }, $or: [{ [path]: { [past]: value } }, { [path]: value, _id: { [past]: id } }] }
}

/** Where a page of a list begins that has the newest first: after this one, going back in time. */
export type Before = { at: Instant; id: string } | undefined

/** The filter of such a page, by the path of its instant. */
export const olderThan = (before: Before, path = 'createdAt'): Filter => (before ? beyond(path, -1, before.at, before.id) : {})
