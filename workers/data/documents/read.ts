import type { Document, Filter, Operation, Sort } from '../../../shared/contracts/data'
import { checkFilter } from './filter'
import { compileFilter } from './language'
import { planOf } from './plan'
import { checkProjection } from './projection'
import { checkSort, sortDocuments } from './sort'
import type { Table } from './table'
import { invalid } from './value'

export type Query = { filter?: Filter; sort?: Sort; skip?: number; limit?: number }

/** @throws AppError `data_invalid`, `data_unsupported` */
export function checkQuery(query: Omit<Extract<Operation, { action: 'find' }>, 'action'>): void {
  const { filter = {}, sort = {}, skip = 0, limit = 0, projection = {} } = query
  checkFilter(filter)
  checkSort(sort)
  checkProjection(projection)
  for (const count of [skip, limit]) {
    if (!Number.isSafeInteger(count) || count < 0) throw invalid('skip and limit must be integers of at least 0')
  }
}

/** The documents that match a checked filter, in the order of a checked sort. A limit of 0 is none. */
export function find(table: Table | undefined, { filter = {}, sort = {}, skip = 0, limit = 0 }: Query): Document[] {
  if (table === undefined) return []
  const { documents, ordered } = candidates(table, filter, sort)
  const last = limit === 0 ? Number.POSITIVE_INFINITY : skip + limit
  const matches = matcher(filter)
  const found: Document[] = []
  for (const document of documents) {
    if (!matches(document)) continue
    found.push(document)
    if (ordered && found.length >= last) break
  }
  return (ordered ? found : sortDocuments(found, sort)).slice(skip, last)
}

/** The one document to act on when any match will do. */
export function findFirst(table: Table, filter: Filter): Document | undefined {
  return find(table, { filter, limit: 1 })[0]
}

/** A superset of the matches. An `_id` alone decides where to look, so the hot path plans nothing. */
function candidates(table: Table, filter: Filter, sort: Sort): { documents: Iterable<Document>; ordered: boolean } {
  if (typeof filter._id === 'string') {
    const document = table.get(filter._id)
    return { documents: document === undefined ? [] : [document], ordered: true }
  }
  const plan = planOf(filter, sort, table, (ids) => table.areFew(ids))
  return { documents: table.read(plan), ordered: plan.ordered }
}

function matcher(filter: Filter): (document: Document) => boolean {
  const paths = Object.keys(filter)
  if (paths.length === 0 || (paths.length === 1 && typeof filter._id === 'string')) return () => true
  return compileFilter(filter)
}
