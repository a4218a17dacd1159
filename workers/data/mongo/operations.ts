import type { Collection, FindOptions, Document as MongoDocument, Sort as MongoSort } from 'mongodb'
import type { AnyResult, Index, Json, Operation, OperationOf, Results, Target } from '../../../shared/contracts/data'
import { checkName } from '../../../shared/storage/engine'
import { invalid, unsupported } from '../documents/values/refusal'
import type { Connection } from './client'
import { expandPulls, matchesFields, needsHelp, onMatches, pullsByCondition, rephrase, widen } from './ferret'
import { canonical, plain, revive } from './values'

type Documents = Collection<MongoDocument>

/** What an action needs: its collection, the form of its documents, and the time that the server may take. */
type Context = { connection: Connection; documents: Documents; out: (document: MongoDocument) => MongoDocument; limit: TimeLimit }
type TimeLimit = { maxTimeMS: number }

/**
 * Runs one action on MongoDB.
 * @throws what the driver throws, and AppError `data_invalid`, `data_unsupported` for an operation that need not be sent
 */
export async function act(connection: Connection, target: Target, operation: Operation, limit: TimeLimit): Promise<AnyResult> {
  checkName(target.database, 'database')
  checkName(target.collection, 'collection')
  const { driver, client } = connection
  const exact = target.types === 'canonical'
  const documents = client.db(target.database).collection(target.collection, { promoteValues: !exact })
  const out = (document: MongoDocument) => (exact ? canonical(driver, document) : plain(driver, document))
  const context = { connection, documents, out, limit }
  if (needsHelp(operation) && (await connection.isFerret())) return actOnFerret(context, operation)
  return run(context, operation)
}

async function run(context: Context, operation: Operation): Promise<AnyResult> {
  const { connection, documents, out, limit } = context
  const { driver } = connection
  switch (operation.action) {
    case 'findOne': {
      const document = await documents.findOne(filterOf(context, operation.filter), { ...queryOf(operation), ...limit })
      return { document: document === null ? null : out(document) }
    }
    case 'find': {
      const cursor = documents.find(filterOf(context, operation.filter), { ...queryOf(operation), ...limit })
      return { documents: (await cursor.toArray()).map(out) }
    }
    case 'insertOne': {
      const { insertedId } = await documents.insertOne(newDocument(context, operation.document), limit)
      return { insertedId: idOf(context, insertedId) }
    }
    case 'insertMany': {
      const { ordered = true } = operation
      const all = operation.documents.map((document) => newDocument(context, document))
      const { insertedIds } = await documents.insertMany(all, { ordered, ...limit })
      return { insertedIds: all.map((_, at) => idOf(context, insertedIds[at])) }
    }
    case 'updateOne':
    case 'updateMany':
    case 'findOneAndUpdate':
      return update(context, operation)
    case 'replaceOne': {
      const { upsert = false, sort } = operation
      const options = { upsert, ...(sort ? { sort } : {}), ...limit }
      const replacement = newDocument(context, operation.replacement)
      const written = await documents.replaceOne(filterOf(context, operation.filter), replacement, options)
      return writtenOf(context, written)
    }
    case 'deleteOne':
      return deletedOf(await documents.deleteOne(filterOf(context, operation.filter), limit))
    case 'deleteMany':
      return deletedOf(await documents.deleteMany(filterOf(context, operation.filter), limit))
    case 'aggregate':
      return { documents: await aggregate(context, operation) }
    case 'createIndexes':
      return { names: await documents.createIndexes(operation.indexes.map(indexOf), limit) }
    case 'listIndexes':
      return { indexes: await listIndexes(context) }
    case 'explain': {
      const cursor = documents.find(filterOf(context, operation.filter), { ...queryOf(operation), ...limit })
      return { plan: plain(driver, await cursor.explain('queryPlanner')) }
    }
    default:
      throw unsupported(`The action ${String((operation as { action?: unknown }).action)} is not supported`)
  }
}

async function update(
  context: Context,
  operation: OperationOf<'updateOne'> | OperationOf<'updateMany'> | OperationOf<'findOneAndUpdate'>,
): Promise<AnyResult> {
  const { connection, documents, limit } = context
  const filter = filterOf(context, operation.filter)
  const change = updateOf(context, operation.update)
  const arrayFilters = operation.arrayFilters && revive(connection.driver, operation.arrayFilters, 'refused')
  const options = { upsert: operation.upsert === true, ...(arrayFilters ? { arrayFilters } : {}), ...limit }
  if (operation.action === 'updateMany') return writtenOf(context, await documents.updateMany(filter, change, options))
  const sorted = { ...options, ...(operation.sort ? { sort: operation.sort } : {}) }
  if (operation.action === 'updateOne') return writtenOf(context, await documents.updateOne(filter, change, sorted))
  const { projection, returnDocument = 'before' } = operation
  const found = await documents.findOneAndUpdate(filter, change, {
    ...sorted,
    ...(projection ? { projection } : {}),
    returnDocument,
    includeResultMetadata: false,
  })
  return { document: found === null ? null : context.out(found) }
}

/** An operation in terms that FerretDB supports: on the matching documents by `_id`, each with its own `$pullAll`. */
async function actOnFerret(context: Context, given: Operation & { filter?: MongoDocument }): Promise<AnyResult> {
  const read = async (filter: MongoDocument, options: FindOptions = {}) => {
    const found = await context.documents.find(filterOf(context, filter), { ...options, ...context.limit }).toArray()
    return found.map((document) => plain(context.connection.driver, document))
  }
  const { filter = {} } = given
  const operation = matchesFields(filter)
    ? onMatches(given, await read(rephrase(widen(filter))))
    : { ...given, ...('filter' in given ? { filter: rephrase(filter) } : {}) }
  if (!('update' in operation) || !pullsByCondition(operation.update)) return run(context, operation)
  const { sort } = operation as OperationOf<'updateOne'>
  const one = { limit: 1, ...(sort ? { sort: sort as MongoSort } : {}) }
  const found = await read(operation.filter, operation.action === 'updateMany' ? {} : one)
  if (found.length === 0) return run(context, { ...operation, update: expandPulls(operation.update, {}) })
  let modifiedCount = 0
  for (const document of found) {
    const exact = { ...operation, filter: { _id: document._id }, update: expandPulls(operation.update, document) }
    const result = await run(context, exact)
    if (operation.action === 'findOneAndUpdate') return result
    modifiedCount += (result as Results['updateOne']).modifiedCount
  }
  return { matchedCount: found.length, modifiedCount }
}

async function aggregate({ connection, documents, out, limit }: Context, { pipeline }: OperationOf<'aggregate'>) {
  if (!Array.isArray(pipeline)) throw invalid('A pipeline is an array of stages')
  // These stages write to any collection of any database, while a read may be repeated.
  if (pipeline.some((stage) => '$out' in stage || '$merge' in stage)) throw unsupported('$out and $merge are not supported')
  const result = await documents.aggregate(revive(connection.driver, pipeline), limit).toArray()
  return result.map(out)
}

async function listIndexes({ connection, documents }: Context): Promise<Results['listIndexes']['indexes']> {
  const found = await documents.listIndexes().toArray()
  return found.map(({ name, key, unique, partialFilterExpression }) =>
    plain(connection.driver, {
      name,
      keys: key,
      ...(unique ? { unique } : {}),
      ...(partialFilterExpression ? { partial: partialFilterExpression } : {}),
    }),
  )
}

/** An index as the driver takes it. */
const indexOf = ({ keys, unique, partial }: Index) => ({
  key: keys,
  ...(unique ? { unique } : {}),
  ...(partial ? { partialFilterExpression: partial } : {}),
})

const filterOf = ({ connection }: Context, filter: unknown = {}) => {
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) throw invalid('A filter must be an object')
  return revive(connection.driver, filter as MongoDocument, 'refused')
}

function updateOf({ connection }: Context, change: MongoDocument): MongoDocument {
  const { $unset } = change
  // The driver leaves out undefined values, and with them the fields to unset.
  const named = $unset && { $unset: Object.fromEntries(Object.keys($unset).map((path) => [path, ''])) }
  return revive(connection.driver, named ? { ...change, ...named } : change)
}

function newDocument({ connection }: Context, document: unknown): MongoDocument {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) throw invalid('A document must be an object')
  // A copy, because the driver adds the `_id` that it makes to the given document.
  return { ...revive(connection.driver, document as MongoDocument) }
}

function queryOf(operation: Omit<OperationOf<'find'>, 'action'>): FindOptions {
  const { sort, projection, skip, limit } = operation
  for (const count of [skip ?? 0, limit ?? 0]) {
    if (!Number.isSafeInteger(count) || count < 0) throw invalid('skip and limit must be integers of at least 0')
  }
  return {
    ...(sort ? { sort: sort as MongoSort } : {}),
    ...(projection ? { projection } : {}),
    ...(skip ? { skip } : {}),
    ...(limit ? { limit } : {}),
  }
}

const idOf = ({ connection }: Context, id: unknown): Json => plain(connection.driver, { id }).id as Json

type Written = { matchedCount: number; modifiedCount: number; upsertedCount: number; upsertedId: unknown }
const writtenOf = (context: Context, { matchedCount, modifiedCount, upsertedCount, upsertedId }: Written) => ({
  matchedCount,
  modifiedCount,
  ...(upsertedCount > 0 ? { upsertedId: idOf(context, upsertedId) } : {}),
})

const deletedOf = ({ deletedCount }: { deletedCount: number }) => ({ deletedCount })
