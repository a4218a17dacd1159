import { isMultiple, type Paths } from './candidate'
import type { Condition } from './conditions'
import { type Key, type Kind, keyOf } from './index-type'
import type { Ids } from './plan'
import type { Clause } from './range'

/** One thing that some item of an array must be, as a condition on its entry. `length` is the longest text's in it. */
export type EntryTest = { path: string; where: string; bindings: Key[]; length: number; value: Key | undefined }

export function entryTests(conditions: Map<string, Condition>, kinds: ReadonlyMap<string, Kind>): EntryTest[] {
  return [...conditions].flatMap(([path, { equal, also = [], among: any, within }]) => {
    if (!isMultiple(kinds, path)) return []
    const tests = [equal, ...also].flatMap((item): EntryTest[] => {
      if (item === undefined) return []
      const value = keyOf(item)
      return [{ path, where: 'path = ? AND value = ?', bindings: [path, value], length: String(value).length, value }]
    })
    if (within !== undefined) {
      const [low, high] = [keyOf(within.low), keyOf(within.high)]
      const where = 'path = ? AND value >= ? AND value <= ?'
      tests.push({ path, where, bindings: [path, low, high], length: String(low).length, value: undefined })
    }
    if (equal === undefined && any !== undefined) {
      const where = 'path = ? AND value IN (SELECT value FROM json_each(?))'
      tests.push({ path, where, bindings: [path, JSON.stringify(any.map(keyOf))], length: 0, value: undefined })
    }
    return tests
  })
}

/**
 * The ids behind all that is asked of arrays, by the table of entries, where a document stands once per value. The longest text comes
 * first, being the rarest most of the time. A range by one bound only, since another item may meet the other.
 */
export function entryIds(conditions: Map<string, Condition>, { entries, kinds }: Paths, rangeToo: boolean): Ids | undefined {
  const [first, ...others] = entryTests(conditions, kinds).sort((left, right) => right.length - left.length)
  if (first !== undefined) {
    return {
      from: `${entries} AS entry`,
      where: [first.where, ...others.map(({ where }) => existsSql(entries, where, 'entry.id'))],
      bindings: [first, ...others].flatMap(({ bindings }) => bindings),
    }
  }
  for (const [path, { low, high }] of rangeToo ? conditions : []) {
    const limit = low ?? high
    if (limit === undefined || !isMultiple(kinds, path)) continue
    return {
      from: `${entries} AS entry`,
      where: [`path = ? AND value ${low === undefined ? '<=' : '>='} ?`],
      bindings: [path, keyOf(limit)],
    }
  }
  return undefined
}

export function existsSql(entries: string, where: string, id: string): string {
  return `EXISTS (SELECT 1 FROM ${entries} WHERE ${where} AND id = ${id})`
}

export const among = ({ from, where, bindings }: Ids): Clause => ({
  where: [`id IN (SELECT id FROM ${from} WHERE ${where.join(' AND ')})`],
  bindings,
})
