import type { Key } from './index-type'

/** A row for a table of index keys: the array's value first, then the other columns. */
export type BulkRow = [value: Key, ...others: (Key | null)[]]

/** A bound text may have 2 MB; rows beyond this length go into another statement. */
const MAX_LENGTH = 500_000

/**
 * Rows as JSON texts that are short enough to be bound, in the order of the table's key: neighbours go into one page of SQLite's B-tree,
 * while the terms of one document after the other would each touch another page.
 */
export function bulkTexts(rows: BulkRow[]): string[] {
  rows.sort(([left], [right]) => compareKeys(left, right))
  const texts: string[] = []
  let parts: string[] = []
  let length = 0
  for (const row of rows) {
    const text = JSON.stringify(row)
    if (length + text.length > MAX_LENGTH && parts.length > 0) {
      texts.push(`[${parts.join(',')}]`)
      parts = []
      length = 0
    }
    parts.push(text)
    length += text.length + 1
  }
  if (parts.length > 0) texts.push(`[${parts.join(',')}]`)
  return texts
}

function compareKeys(left: Key, right: Key): number {
  if (typeof left !== typeof right) return typeof left === 'number' ? -1 : 1
  if (left === right) return 0
  return left < right ? -1 : 1
}
