import { z } from '@hono/zod-openapi'
import type { Action, OperationOf } from '../../../shared/contracts/data'
import { fields, ignored } from './fields'

type Place = { dataSource: string; database: string; collection: string }
type Ignored = { [K in keyof typeof ignored]?: unknown }

type Spec<A extends Action> = {
  summary: string
  /** The schema of the body. Other fields are refused. */
  body: z.ZodType<Place & Ignored & Omit<OperationOf<A>, 'action'>>
  /** The schema of the answer, for the documentation; the results of the engine have this shape. */
  answer: z.ZodType
  status: 200 | 201
}

const { dataSource, database, collection, filter, projection, sort, limit, skip, update, arrayFilters, upsert } = fields
const body = <F extends z.ZodRawShape>(more: F) => z.strictObject({ dataSource, database, collection, ...more, ...ignored })

const Id = z.unknown().openapi({ description: 'The _id, of whatever type it is', example: '64224f3cd79f54ad342dd9b2' })
const Document = z.record(z.string(), z.unknown())
const Count = z.int().openapi({ description: 'In application/ejson `{ "$numberInt": "1" }`' })
const OneDocument = z.object({ document: Document.nullable() })
const Documents = z.object({ documents: z.array(Document) })
const Updated = z.object({ matchedCount: Count, modifiedCount: Count, upsertedId: Id.optional() })
const Deleted = z.object({ deletedCount: Count })
const IndexInfo = z.object({ name: z.string(), keys: Document, unique: z.boolean().optional(), partial: Document.optional() })

/** Every action at `/action/<name>`: the ten of the Atlas Data API v1 and, at the end, those that Atlas does not have. */
export const actions: { [A in Action]: Spec<A> } = {
  findOne: {
    summary: 'Find one document',
    body: body({ filter, projection, sort }),
    answer: OneDocument,
    status: 200,
  },
  find: {
    summary: 'Find documents',
    body: body({ filter, projection, sort, limit, skip }),
    answer: Documents,
    status: 200,
  },
  insertOne: {
    summary: 'Insert one document',
    body: body({ document: fields.document }),
    answer: z.object({ insertedId: Id }),
    status: 201,
  },
  insertMany: {
    summary: 'Insert documents',
    body: body({ documents: fields.documents, ordered: fields.ordered }),
    answer: z.object({ insertedIds: z.array(Id) }),
    status: 201,
  },
  updateOne: {
    summary: 'Update one document',
    body: body({ filter, update, upsert, sort, arrayFilters }),
    answer: Updated,
    status: 200,
  },
  updateMany: {
    summary: 'Update documents',
    body: body({ filter, update, upsert, arrayFilters }),
    answer: Updated,
    status: 200,
  },
  replaceOne: {
    summary: 'Replace one document',
    body: body({ filter, replacement: fields.document, upsert, sort }),
    answer: Updated,
    status: 200,
  },
  deleteOne: {
    summary: 'Delete one document',
    body: body({ filter }),
    answer: Deleted,
    status: 200,
  },
  deleteMany: {
    summary: 'Delete documents',
    body: body({ filter }),
    answer: Deleted,
    status: 200,
  },
  aggregate: {
    summary: 'Run an aggregation pipeline',
    body: body({ pipeline: fields.pipeline }),
    answer: Documents,
    status: 200,
  },
  findOneAndUpdate: {
    summary: 'Update one document and give it as it was, or as it is',
    body: body({ filter, update, upsert, sort, projection, arrayFilters, returnDocument: fields.returnDocument }),
    answer: OneDocument,
    status: 200,
  },
  createIndexes: {
    summary: 'Make indexes that are not there',
    body: body({ indexes: fields.indexes }),
    answer: z.object({ names: z.array(z.string()) }),
    status: 201,
  },
  listIndexes: {
    summary: 'List the indexes of a collection',
    body: body({}),
    answer: z.object({ indexes: z.array(IndexInfo) }),
    status: 200,
  },
  explain: {
    summary: 'Answer the plan of a find, in terms of the engine',
    body: body({ filter, sort, limit, skip }),
    answer: z.object({ plan: Document }),
    status: 200,
  },
}
