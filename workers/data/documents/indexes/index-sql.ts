import type { Index } from '../../../../shared/contracts/data'
import { checkPath } from '../operators/path'
import { invalid, unsupported } from '../values/refusal'
import { isObject } from '../values/value'
import { literal, quoted } from './names'

/** @throws AppError `data_invalid`, `data_unsupported` for an index this engine cannot keep as MongoDB does */
export function checkIndex(index: Index): void {
  if (!isObject(index) || !isObject(index.keys)) throw invalid('An index needs keys')
  const paths = Object.entries(index.keys)
  if (![undefined, true, false].includes(index.unique)) throw invalid('unique is true or false')
  if (index.partial !== undefined && !isObject(index.partial)) throw invalid('A partial filter must be an object')
  if (paths.length === 0) throw invalid('An index needs at least one key')
  for (const [path, direction] of paths) {
    checkIndexed(path)
    if (direction !== 1 && direction !== -1) throw invalid(`The index key '${path}' must be 1 or -1`)
  }
  for (const [path, condition] of Object.entries(index.partial ?? {})) {
    checkIndexed(path)
    const scalar = ['string', 'number', 'boolean'].includes(typeof condition)
    const exists = isObject(condition) && Object.keys(condition).length === 1 && condition.$exists === true
    if (path === '_id' || (!scalar && !exists))
      throw unsupported(`The partial filter on '${path}' must be a scalar or { $exists: true }`)
  }
}

/** SQLite looks a field up by its name as JSON writes it. With an escape in the name, the index would find nothing. */
function checkIndexed(path: string): void {
  checkPath(path, 'index')
  if (JSON.stringify(path) !== `"${path}"`)
    throw unsupported(`An index on '${path}' would need a field name with no escapes in JSON`)
}

/** The value at a path as SQLite compares it: NULL when missing or null, 1 and 0 for true and false, text for an object. */
export function valueSql(path: string): string {
  return path === '_id' ? 'id' : `json_extract(body, ${jsonPath(path)})`
}

/**
 * The value at a path as JSON text, in which no two types are equal. MongoDB's unique indexes treat a missing field as null
 * and allow null once, while SQLite allows any number of NULLs.
 */
export function exactSql(path: string): string {
  return `coalesce(body -> ${jsonPath(path)}, 'null')`
}

/** The condition of membership in a partial index; a query must repeat it word for word for SQLite to use the index. */
export function partialSql(index: Index): string[] {
  return Object.entries(index.partial ?? {}).map(([path, condition]) =>
    isObject(condition)
      ? `body -> ${jsonPath(path)} IS NOT NULL`
      : `body -> ${jsonPath(path)} = ${literal(JSON.stringify(condition))}`,
  )
}

/** The SQL name of an index: its declaration. */
export function indexName(table: string, index: Index): string {
  return quoted(`${table.slice(1, -1)} ${JSON.stringify([index.keys, index.unique ?? false, index.partial ?? {}])}`)
}

/** The statement that makes an index. A plain index ends in the id, so that a page after a given document is read in order. */
export function createIndexSql(table: string, index: Index): string {
  const keys = Object.entries(index.keys)
  const columns = index.unique
    ? keys.map(([path]) => exactSql(path))
    : keys.map(([path, direction]) => `${valueSql(path)} ${direction === 1 ? 'ASC' : 'DESC'}`)
  const last = keys.at(-1)
  if (!index.unique && last !== undefined && index.keys._id === undefined) columns.push(`id ${last[1] === 1 ? 'ASC' : 'DESC'}`)
  const partial = partialSql(index)
  const where = partial.length > 0 ? ` WHERE ${partial.join(' AND ')}` : ''
  const unique = index.unique ? 'UNIQUE ' : ''
  return `CREATE ${unique}INDEX IF NOT EXISTS ${indexName(table, index)} ON ${table} (${columns.join(', ')})${where}`
}

function jsonPath(path: string): string {
  const parts = path.split('.').map((part) => `."${part}"`)
  return literal(`$${parts.join('')}`)
}
