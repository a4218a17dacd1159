import type { Document, Filter, Operation, Sort } from '../../../shared/contracts/data'
import type { Paths } from './indexes/candidate'
import { type Plan, planOf } from './indexes/plan'
import { checkFilter, compileFilter } from './operators/matcher'
import { checkProjection } from './operators/projection'
import { checkSort, sortDocuments } from './operators/sort'
import type { Table } from './table'
import { idText } from './values/id'
import { invalid } from './values/refusal'

export type Query = { filter?: Filter; sort?: Sort | undefined; skip?: number; limit?: number }

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

/** Counts the cost of a find. */
type Meter = { rows: (read: number) => void; document: () => void }

/** The documents that match a checked filter, in the order of a checked sort. A limit of 0 is none. */
export function find(table: Table | undefined, query: Query): Document[] {
  if (table === undefined) return []
  const { filter = {}, sort = {} } = query
  const id = idText(filter._id)
  // An `_id` names the row, so the hot path needs no plan.
  if (id === undefined) return follow(table, query, planOf(filter, sort, pathsOf(table), table))
  const document = table.rows.get(id)
  if (document === undefined || (query.skip ?? 0) > 0) return []
  return Object.keys(filter).length === 1 || compileFilter(filter)(document) ? [document] : []
}

/** Follows a plan: it reads a superset of the matches and tests one document after the other until there are enough. */
function follow(table: Table, query: Query, plan: Plan, meter?: Meter): Document[] {
  const { filter = {}, sort = {}, skip = 0, limit = 0 } = query
  const last = limit === 0 ? Number.POSITIVE_INFINITY : skip + limit
  const matches = Object.keys(filter).length === 0 ? () => true : compileFilter(filter)
  const found: Document[] = []
  for (const document of table.read(plan, meter?.rows)) {
    meter?.document()
    if (!matches(document)) continue
    found.push(document)
    if (plan.ordered && found.length >= last) break
  }
  return (plan.ordered ? found : sortDocuments(found, sort)).slice(skip, last)
}

/**
 * How a checked query is read, and what it costs: `{ index, source, conditions, order, ordered, rowsRead, documentsRead, returned }`.
 * `index` are its keys, `conditions` and `order` are SQL, and `ordered` is true when nothing is sorted in memory.
 */
export function explain(table: Table | undefined, query: Query): Document {
  const { filter = {}, sort = {} } = query
  if (table === undefined) return { index: null, source: 'nothing', ordered: true, rowsRead: 0, documentsRead: 0, returned: 0 }
  if (idText(filter._id) !== undefined) {
    const returned = find(table, query).length
    return { index: { _id: 1 }, source: 'id', ordered: true, rowsRead: 1, documentsRead: 1, returned }
  }
  const plan = planOf(filter, sort, pathsOf(table), table)
  let rowsRead = 0
  let documentsRead = 0
  const meter: Meter = {
    rows: (read) => {
      rowsRead = read
    },
    document: () => {
      documentsRead++
    },
  }
  const returned = follow(table, query, plan, meter).length
  const { index, from, where, order, ordered } = plan
  const source = from !== '' ? 'multikey index' : where.length > 0 ? 'index' : order !== '' ? 'index in order' : 'collection'
  return { index: index?.keys ?? null, source, conditions: where, order, ordered, rowsRead, documentsRead, returned }
}

/** The parts of a table that planning needs. */
function pathsOf({ rows: { documents }, keys: { entries, indexTypes, multikeys }, indexes }: Table): Paths {
  return { documents, entries, indexes, indexTypes, multikeys }
}
