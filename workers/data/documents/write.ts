import type { Document, OperationOf, Results } from '../../../shared/contracts/data'
import { AppError } from '../../../shared/contracts/errors'
import { sameValue } from './compare'
import { find, findFirst } from './read'
import type { Row, Table } from './table'
import type { Apply } from './update'
import { seedOf } from './upsert'
import { invalid, storableDocument, unsupported } from './value'

type Written = Results['updateOne']

/**
 * Inserts documents one after the other. In order, the first refused one ends it and the earlier ones stay; otherwise the rest goes in.
 * @throws AppError `duplicate_key` with `meta.done`, the number inserted
 */
export function insertMany(table: Table, documents: readonly Document[], ordered = true): Results['insertMany'] {
  const rows = documents.map((document) => table.row(document))
  let refused: AppError | undefined
  let done = 0
  for (const row of rows) {
    try {
      table.insert(row)
      done++
    } catch (error) {
      if (!AppError.is(error, 'duplicate_key')) throw error
      refused ??= error as AppError
      if (ordered) break
    }
  }
  if (refused !== undefined) throw new AppError(refused.code, refused.message, { ...refused.meta, done })
  return { insertedIds: documents.map((document) => document._id) }
}

/** A document as it will be stored, with an id. @throws AppError `data_invalid`, `data_unsupported` */
export function newDocument(document: unknown): Document {
  const { _id = crypto.randomUUID(), ...fields } = storableDocument(document, 'The document')
  checkId(_id)
  return { _id, ...fields }
}

export function checkId(id: unknown): void {
  if (typeof id !== 'string' || id === '' || id.length > 1024)
    throw unsupported('An _id must be a string of 1 to 1024 characters')
}

/** Applies a compiled update to the first match, or to all of them, all or none. */
export function update(table: Table, operation: OperationOf<'updateOne'> | OperationOf<'updateMany'>, apply: Apply): Written {
  const found = operation.action === 'updateOne' ? find(table, { filter: operation.filter, limit: 1 }) : find(table, operation)
  if (found.length === 0 && operation.upsert) {
    const seed = seedOf(operation.filter)
    apply(seed)
    return upsert(table, seed)
  }
  const rows: Row[] = []
  for (const document of found) {
    const before = table.entriesOf(document)
    if (apply(document)) rows.push(table.row(document, before))
  }
  if (rows.length > 0) table.update(rows)
  return { matchedCount: found.length, modifiedCount: rows.length }
}

/** Puts another document in the place of the first match, under the same id. */
export function replace(table: Table, { filter, replacement, upsert: insert }: OperationOf<'replaceOne'>): Written {
  const { _id, ...fields } = storableDocument(replacement, 'The replacement')
  const found = findFirst(table, filter)
  if (found === undefined && insert) {
    const seed = seedOf(filter)
    if (_id !== undefined && seed._id !== undefined && _id !== seed._id)
      throw invalid('A replacement cannot have another _id than its filter')
    return upsert(table, { _id: _id ?? seed._id, ...fields })
  }
  if (found === undefined) return { matchedCount: 0, modifiedCount: 0 }
  if (_id !== undefined && _id !== found._id) throw invalid('A replacement cannot change _id')
  const document = { _id: found._id, ...fields }
  if (sameValue(found, document)) return { matchedCount: 1, modifiedCount: 0 }
  table.update([table.row(document, table.entriesOf(found))])
  return { matchedCount: 1, modifiedCount: 1 }
}

export function remove(
  table: Table,
  { action, filter }: OperationOf<'deleteOne'> | OperationOf<'deleteMany'>,
): Results['deleteOne'] {
  const found = find(table, action === 'deleteOne' ? { filter, limit: 1 } : { filter })
  if (found.length > 0) table.remove(found.map((document) => document._id))
  return { deletedCount: found.length }
}

function upsert(table: Table, seed: Document): Written {
  const document = newDocument(seed)
  table.insert(table.row(document))
  return { matchedCount: 0, modifiedCount: 0, upsertedId: document._id }
}
