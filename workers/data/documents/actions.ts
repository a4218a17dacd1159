import { MingoError } from 'mingo/util'
import type { AnyResult, Document, Operation, Target } from '../../../shared/contracts/data'
import type { Catalog } from './catalog'
import { checkFilter } from './filter'
import { checkPipeline, runPipeline } from './pipeline'
import { projectDocuments } from './projection'
import { checkQuery, find } from './read'
import { compileUpdate } from './update'
import { invalid, isDocument, storableDocument, unsupported } from './value'
import { checkId, insertMany, newDocument, remove, replace, update } from './write'

/**
 * Runs one action. Everything that can be refused by looking at the operation alone is, before anything is read or made.
 * @throws AppError as `DataApi.run`
 */
export function act(catalog: Catalog, target: Target, operation: Operation): AnyResult {
  try {
    return run(catalog, target, operation)
  } catch (error) {
    if (error instanceof MingoError) throw invalid(error.message)
    throw error
  }
}

function run(catalog: Catalog, target: Target, operation: Operation): AnyResult {
  switch (operation.action) {
    case 'findOne': {
      checkQuery(operation)
      const [document = null] = projectDocuments(find(catalog.open(target), { ...operation, limit: 1 }), operation.projection)
      return { document }
    }
    case 'find':
      checkQuery(operation)
      return { documents: projectDocuments(find(catalog.open(target), operation), operation.projection) }
    case 'insertOne': {
      const document = newDocument(operation.document)
      const table = catalog.create(target)
      table.insert(table.row(document))
      return { insertedId: document._id }
    }
    case 'insertMany': {
      if (!Array.isArray(operation.documents) || operation.documents.length === 0) throw invalid('insertMany needs documents')
      const documents = operation.documents.map(newDocument)
      return insertMany(catalog.create(target), documents, operation.ordered)
    }
    case 'updateOne':
    case 'updateMany': {
      checkFilter(operation.filter)
      const apply = compileUpdate(operation.update)
      const table = operation.upsert ? catalog.create(target) : catalog.open(target)
      return table === undefined ? { matchedCount: 0, modifiedCount: 0 } : update(table, operation, apply)
    }
    case 'replaceOne': {
      checkFilter(operation.filter)
      const { _id } = storableDocument(operation.replacement, 'The replacement')
      if (_id !== undefined) checkId(_id)
      const table = operation.upsert ? catalog.create(target) : catalog.open(target)
      return table === undefined ? { matchedCount: 0, modifiedCount: 0 } : replace(table, operation)
    }
    case 'deleteOne':
    case 'deleteMany': {
      checkFilter(operation.filter)
      const table = catalog.open(target)
      return table === undefined ? { deletedCount: 0 } : remove(table, operation)
    }
    case 'aggregate':
      checkPipeline(operation.pipeline)
      return { documents: aggregate(catalog, target, operation.pipeline) }
    default:
      throw unsupported(`The action ${String((operation as { action?: unknown }).action)} is not supported`)
  }
}

/** A leading `$match`, `$sort`, `$skip` and `$limit` are read through the indexes. */
function aggregate(catalog: Catalog, target: Target, pipeline: Document[]): Document[] {
  const stages = [...pipeline]
  const take = (name: string) => (isDocument(stages[0]) && Object.hasOwn(stages[0], name) ? stages.shift()?.[name] : undefined)
  const query = { filter: take('$match'), sort: take('$sort'), skip: take('$skip'), limit: take('$limit') }
  return runPipeline(find(catalog.open(target), query), stages)
}
