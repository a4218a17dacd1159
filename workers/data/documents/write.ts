import type { Document, Json, OperationOf, Results } from '../../../shared/contracts/data'
import { AppError } from '../../../shared/contracts/errors'
import type { Update } from './operators/update'
import { seedOf } from './operators/upsert'
import { find } from './read'
import type { Row, Table } from './table'
import { sameValue } from './values/compare'
import { checkId } from './values/id'
import { newObjectId } from './values/object-id'
import { invalid } from './values/refusal'
import { storableDocument } from './values/value'

type Written = Results['updateOne']

/**
 * Inserts documents one after the other. In order, it stops at the first refused one and the earlier ones stay; otherwise it goes on.
 * @throws AppError `duplicate_key` with `meta.done`, the number inserted
 */
export function insertMany(table: Table, documents: readonly Document[], ordered = true): Results['insertMany'] {
  const rows = documents.map((document) => table.row(document))
  const { done, refused } = table.insert(rows, ordered)
  if (refused !== undefined) throw new AppError(refused.code, refused.message, { ...refused.meta, done })
  return { insertedIds: documents.map((document) => document._id) }
}

/** Inserts one document. @throws AppError `duplicate_key` */
export function insertOne(table: Table, document: Document & { _id: Json }): Results['insertOne'] {
  const { refused } = table.insert([table.row(document)])
  if (refused !== undefined) throw refused
  return { insertedId: document._id }
}

/** A document in the form that is stored, with an id. @throws AppError `data_invalid`, `data_unsupported` */
export function newDocument(document: unknown): Document & { _id: Json } {
  const { _id = newObjectId(Date.now()), ...fields } = storableDocument(document, 'The document')
  checkId(_id)
  return { _id, ...fields }
}

/** Applies a compiled update to the first match, or to all of them, all or none. */
export function update(table: Table, operation: OperationOf<'updateOne'> | OperationOf<'updateMany'>, apply: Update): Written {
  const { filter, upsert } = operation
  const found =
    operation.action === 'updateOne' ? find(table, { filter, sort: operation.sort, limit: 1 }) : find(table, { filter })
  if (found.length === 0 && upsert) {
    const { _id } = insertSeed(table, seedOf(filter), apply)
    return { matchedCount: 0, modifiedCount: 0, upsertedId: _id }
  }
  const rows: Row[] = []
  for (const document of found) {
    const before = table.keys.of(document)
    if (apply(document)) rows.push(table.row(document, before))
  }
  if (rows.length > 0) table.update(rows)
  return { matchedCount: found.length, modifiedCount: rows.length }
}

/** Applies a compiled update to the first match and returns that document as it was, or as it is now. */
export function findOneAndUpdate(table: Table, operation: OperationOf<'findOneAndUpdate'>, apply: Update): Document | null {
  const { filter, sort, upsert, returnDocument = 'before' } = operation
  const [document] = find(table, { filter, sort, limit: 1 })
  if (document === undefined) {
    if (!upsert) return null
    const inserted = insertSeed(table, seedOf(filter), apply)
    return returnDocument === 'after' ? inserted : null
  }
  const former = returnDocument === 'before' ? structuredClone(document) : document
  const before = table.keys.of(document)
  if (apply(document)) table.update([table.row(document, before)])
  return former
}

/** Replaces the first match by another document with the same id. */
export function replace(table: Table, { filter, replacement, sort, upsert }: OperationOf<'replaceOne'>): Written {
  const { _id, ...fields } = storableDocument(replacement, 'The replacement')
  const [found] = find(table, { filter, sort, limit: 1 })
  if (found === undefined && upsert) {
    const seed = seedOf(filter)
    if (_id !== undefined && seed._id !== undefined && !sameValue(_id, seed._id))
      throw invalid('A replacement cannot have another _id than its filter')
    const id = _id ?? seed._id
    const inserted = insertSeed(table, id === undefined ? fields : { _id: id, ...fields })
    return { matchedCount: 0, modifiedCount: 0, upsertedId: inserted._id }
  }
  if (found === undefined) return { matchedCount: 0, modifiedCount: 0 }
  if (_id !== undefined && !sameValue(_id, found._id)) throw invalid('A replacement cannot change _id')
  const document = { _id: found._id, ...fields }
  if (sameValue(found, document)) return { matchedCount: 1, modifiedCount: 0 }
  table.update([table.row(document, table.keys.of(found))])
  return { matchedCount: 1, modifiedCount: 1 }
}

export function remove(
  table: Table,
  { action, filter }: OperationOf<'deleteOne'> | OperationOf<'deleteMany'>,
): Results['deleteOne'] {
  const found = find(table, action === 'deleteOne' ? { filter, limit: 1 } : { filter })
  if (found.length > 0) table.remove(found)
  return { deletedCount: found.length }
}

function insertSeed(table: Table, seed: Document, apply?: Update): Document & { _id: Json } {
  apply?.(seed, true)
  const document = newDocument(seed)
  insertOne(table, document)
  return document
}
