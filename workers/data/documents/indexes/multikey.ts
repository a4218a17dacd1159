import type { Document, Index } from '../../../../shared/contracts/data'
import { endsAt } from '../operators/path'
import type { BulkRow } from './bulk-rows'
import { type Key, type Kind, keyOf, keysAt } from './index-type'
import { quoted } from './names'

/**
 * A compound index over one path of arrays, as a table: a row per value of the array, with the document's values at the further keys
 * beside it. Documents without a value at that path are not in it.
 */
export type Multikey = {
  table: string
  /** The path of arrays. */
  path: string
  /** The column of each key path, in the order of the keys. */
  columns: ReadonlyMap<string, string>
  primaryKey: string
}

/** What a document has in a multikey index: the values of its array, and its one value at each other key (but its id). */
export type MultikeyRows = { values: Key[]; others: (Key | null)[] }

/** The name of the column with the document's id; no other than that of the documents' own table, so that it needs no table's name. */
export const OWNER = 'owner'
/** Stands for null, which no primary key may hold: minus infinity, which sorts before all numbers and which no JSON can say. */
const NULL = '-9e999'

/** The table that keeps an index, or undefined when an expression index or the entries of its one path do. */
export function multikeyOf(documents: string, index: Index, kinds: ReadonlyMap<string, Kind>): Multikey | undefined {
  const paths = Object.keys(index.keys)
  const [path, second] = paths.filter((key) => kinds.get(key) === 'multiple')
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

/** Adds rows that are bound as one JSON text. Numbers are read from it here and below alike, so that what went in is found again. */
export function insertRowsSql({ table, path, columns }: Multikey): string {
  const names = columnsOf(columns, path)
  return `INSERT OR IGNORE INTO ${table} (${names.join(', ')}) SELECT ${valuesSql(names)} FROM json_each(?)`
}

/** Takes such rows away. */
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
