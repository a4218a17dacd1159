import type { Document, Index } from '../../../../shared/contracts/data'
import { endsAt } from '../operators/path'
import type { BulkRow } from './bulk-rows'
import { type IndexType, type Key, keyOf, keysAt } from './index-type'
import { quoted } from './names'

/**
 * A compound index over one path of arrays, as a table: it has a row per value of the array, with the document's values at the other
 * keys. Documents without a value at that path are not in it.
 */
export type Multikey = {
  table: string
  /** The path of arrays. */
  path: string
  /** The column of each key path, in the order of the keys. */
  columns: ReadonlyMap<string, string>
  primaryKey: string
}

/** The rows of a document in a multikey index: the values of its array, and its one value at each other key except its id. */
export type MultikeyRows = { values: Key[]; others: (Key | null)[] }

/** The column with the document's id. No other table has a column of this name, so it needs no prefix. */
export const OWNER = 'owner'
/** Stands for null, which no primary key may hold: minus infinity sorts before all numbers, and JSON cannot express it. */
const NULL = '-9e999'

/** The table of an index, or undefined when an expression index or the entries of its one path serve it. */
export function multikeyOf(documents: string, index: Index, indexTypes: ReadonlyMap<string, IndexType>): Multikey | undefined {
  const paths = Object.keys(index.keys)
  const [path, second] = paths.filter((key) => indexTypes.get(key) === 'multiple')
  if (index.unique || index.partial !== undefined || paths.length < 2 || path === undefined || second !== undefined)
    return undefined
  const columns = new Map(paths.map((key, at) => [key, key === '_id' ? OWNER : `k${at}`]))
  const direction = (key: string) => (index.keys[key] === -1 ? ' DESC' : '')
  const key = [...columns].map(([name, column]) => `${column}${direction(name)}`)
  if (!columns.has('_id')) key.push(`${OWNER}${direction(paths.at(-1) ?? '')}`)
  return {
    table: quoted(`multikey:${documents.slice(1, -1)} ${JSON.stringify(index.keys)}`),
    path,
    columns,
    primaryKey: key.join(', '),
  }
}

export function createMultikeySql({ table, columns, primaryKey }: Multikey): string {
  const names = new Set([...columns.values(), OWNER])
  return `CREATE TABLE ${table} (${[...names].join(', ')}, PRIMARY KEY (${primaryKey})) WITHOUT ROWID`
}

export function rowsOf({ path, columns }: Multikey, document: Document): MultikeyRows {
  const others = [...columns.keys()].filter((key) => key !== path && key !== '_id')
  return { values: keysAt(document, path), others: others.map((key) => keyOrNull(endsAt(document, key)[0])) }
}

function keyOrNull(value: unknown): Key | null {
  return value === undefined || value === null ? null : keyOf(value)
}

/** A document's rows as `bulkTexts` takes them: value, id, and the others. */
export function bulkRowsOf({ values, others }: MultikeyRows, id: string): BulkRow[] {
  return values.map((value) => [value, id, ...others])
}

/** Adds rows that are bound as one JSON text. `deleteRowsSql` reads numbers in the same way, so that it finds these rows again. */
export function insertRowsSql({ table, path, columns }: Multikey): string {
  const names = columnsOf(columns, path)
  return `INSERT OR IGNORE INTO ${table} (${names.join(', ')}) SELECT ${valuesSql(names)} FROM json_each(?)`
}

/** Removes rows that are bound as one JSON text. */
export function deleteRowsSql({ table, path, columns }: Multikey): string {
  const names = columnsOf(columns, path)
  return `DELETE FROM ${table} WHERE (${names.join(', ')}) IN (SELECT ${valuesSql(names)} FROM json_each(?))`
}

function columnsOf(columns: ReadonlyMap<string, string>, path: string): string[] {
  const others = [...columns].filter(([key]) => key !== path && key !== '_id').map(([, column]) => column)
  return [columns.get(path) ?? '', OWNER, ...others]
}

function valuesSql(names: readonly string[]): string {
  return names.map((_, at) => (at < 2 ? `value ->> ${at}` : `coalesce(value ->> ${at}, ${NULL})`)).join(', ')
}
