import { isMultiple, type Paths } from './candidate'
import type { Condition } from './conditions'
import { type IndexType, type Key, keyOf } from './index-type'
import type { Clause, Ids } from './range'

/** A condition on the entries of an array that some item must satisfy. `length` is that of the text it compares with. */
export type EntryTest = { path: string; where: string; bindings: Key[]; length: number; value: Key | undefined }

export function entryTests(conditions: Map<string, Condition>, indexTypes: ReadonlyMap<string, IndexType>): EntryTest[] {
  return [...conditions].flatMap(([path, { equal, also = [], oneOf: any, between }]) => {
    if (!isMultiple(indexTypes, path)) return []
    const tests = [equal, ...also].flatMap((item): EntryTest[] => {
      if (item === undefined) return []
      const value = keyOf(item)
      return [{ path, where: 'path = ? AND value = ?', bindings: [path, value], length: String(value).length, value }]
    })
    if (between !== undefined) {
      const [low, high] = [keyOf(between.low), keyOf(between.high)]
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
 * The ids of documents whose arrays satisfy all conditions, by the table of entries, which has a row per document and value. The longest
 * text comes first, because it is mostly the rarest. A range narrows by one bound only, since another item may satisfy the other bound.
 */
export function entryIds(conditions: Map<string, Condition>, { entries, indexTypes }: Paths, rangeToo: boolean): Ids | undefined {
  const [first, ...others] = entryTests(conditions, indexTypes).sort((left, right) => right.length - left.length)
  if (first !== undefined) {
    return {
      from: `${entries} AS entry`,
      where: [first.where, ...others.map(({ where }) => existsSql(entries, where, 'entry.id'))],
      bindings: [first, ...others].flatMap(({ bindings }) => bindings),
    }
  }
  for (const [path, { low, high }] of rangeToo ? conditions : []) {
    const limit = low ?? high
    if (limit === undefined || !isMultiple(indexTypes, path)) continue
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
