import type { AnyResult, Document, Operation, Target } from '../../../shared/contracts/data'
import type { Catalog } from './catalog'
import { listIndexes } from './indexes/index-names'
import { checkFilter } from './operators/matcher'
import { compilePipeline } from './operators/pipeline'
import { checkProjection, projectDocuments } from './operators/projection'
import { checkSort } from './operators/sort'
import { compileUpdate, type Update } from './operators/update'
import { checkQuery, explain, find } from './read'
import { canonical, decodeEjson } from './values/ejson'
import { checkId } from './values/id'
import { invalid, unsupported } from './values/refusal'
import { isObject, storableDocument } from './values/value'
import { findOneAndUpdate, insertMany, insertOne, newDocument, remove, replace, update } from './write'

/**
 * Runs one action. It refuses everything that the operation alone shows to be wrong, before it reads or writes.
 * @throws AppError as `DataApi.run`
 */
export function act(catalog: Catalog, target: Target, operation: Operation): AnyResult {
  const result = run(catalog, target, operation)
  return target.types === 'canonical' ? inCanonical(result) : result
}

/** A result with its documents in canonical Extended JSON; counts and ids stay as they are. */
function inCanonical(result: AnyResult): AnyResult {
  if ('documents' in result) return { documents: canonical(result.documents) as Document[] }
  return 'document' in result ? { document: canonical(result.document) as Document | null } : result
}

function run(catalog: Catalog, target: Target, operation: Operation): AnyResult {
  switch (operation.action) {
    case 'findOne': {
      const query = queryOf(operation)
      const [document = null] = projectDocuments(find(catalog.open(target), { ...query, limit: 1 }), operation.projection)
      return { document }
    }
    case 'find':
      return { documents: projectDocuments(find(catalog.open(target), queryOf(operation)), operation.projection) }
    case 'explain':
      return { plan: explain(catalog.open(target), queryOf(operation)) }
    case 'aggregate':
      return { documents: aggregate(catalog, target, decodeEjson(operation.pipeline)) }
    case 'createIndexes':
      return { names: catalog.createIndexes(target, operation.indexes) }
    case 'listIndexes':
      return { indexes: listIndexes(catalog.open(target)?.indexes) }
    default:
      return runWrite(catalog, target, operation)
  }
}

function runWrite(catalog: Catalog, target: Target, operation: Operation): AnyResult {
  switch (operation.action) {
    case 'insertOne': {
      const document = newDocument(operation.document)
      return insertOne(catalog.create(target), document)
    }
    case 'insertMany': {
      if (!Array.isArray(operation.documents) || operation.documents.length === 0) throw invalid('insertMany needs documents')
      const documents = operation.documents.map(newDocument)
      return insertMany(catalog.create(target), documents, operation.ordered)
    }
    case 'updateOne':
    case 'updateMany': {
      const checked = selectionOf(operation)
      const compiled = updateOf(operation)
      const table = operation.upsert ? catalog.create(target) : catalog.open(target)
      return table === undefined ? { matchedCount: 0, modifiedCount: 0 } : update(table, checked, compiled)
    }
    case 'findOneAndUpdate': {
      const checked = selectionOf(operation)
      checkProjection(operation.projection ?? {})
      if (!['before', 'after'].includes(operation.returnDocument ?? 'before'))
        throw invalid(`returnDocument is 'before' or 'after'`)
      const compiled = updateOf(operation)
      const table = operation.upsert ? catalog.create(target) : catalog.open(target)
      const found = table === undefined ? null : findOneAndUpdate(table, checked, compiled)
      const [document = null] = found === null ? [] : projectDocuments([found], operation.projection)
      return { document }
    }
    case 'replaceOne': {
      const checked = selectionOf(operation)
      const { _id } = storableDocument(operation.replacement, 'The replacement')
      if (_id !== undefined) checkId(_id)
      const table = operation.upsert ? catalog.create(target) : catalog.open(target)
      return table === undefined ? { matchedCount: 0, modifiedCount: 0 } : replace(table, checked)
    }
    case 'deleteOne':
    case 'deleteMany': {
      const checked = selectionOf(operation)
      const table = catalog.open(target)
      return table === undefined ? { deletedCount: 0 } : remove(table, checked)
    }
    default:
      throw unsupported(`The action ${String((operation as { action?: unknown }).action)} is not supported`)
  }
}

/** A checked read, with the Extended JSON of its filter decoded. */
function queryOf<O extends { filter?: Document }>(operation: O): O {
  const filter = decodeEjson(operation.filter ?? {})
  checkQuery({ ...operation, filter })
  return { ...operation, filter }
}

/** A checked write, as `queryOf`. */
function selectionOf<O extends { filter: Document; sort?: unknown }>(operation: O): O {
  const filter = decodeEjson(operation.filter)
  checkFilter(filter)
  if (operation.sort !== undefined) checkSort(operation.sort)
  return filter === operation.filter ? operation : { ...operation, filter }
}

function updateOf({ update, arrayFilters }: { update: Document; arrayFilters?: unknown }): Update {
  if (arrayFilters !== undefined) throw unsupported('arrayFilters are not supported')
  return compileUpdate(update)
}

/** A leading `$match`, `$sort`, `$skip` and `$limit` are read through the indexes. */
function aggregate(catalog: Catalog, target: Target, pipeline: Document[]): Document[] {
  compilePipeline(pipeline)
  const stages = [...pipeline]
  const take = (name: string) => (isObject(stages[0]) && Object.hasOwn(stages[0], name) ? stages.shift()?.[name] : undefined)
  const query = { filter: take('$match'), sort: take('$sort'), skip: take('$skip'), limit: take('$limit') }
  return compilePipeline(stages)(find(catalog.open(target), query))
}
