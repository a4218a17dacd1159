/**
 * The document store as the Workers see it: the ten actions of the MongoDB Data API v1, some more, and `batch`, by RPC.
 * Both engines (embedded and MongoDB) implement this interface.
 *
 * Values that JSON has no word for travel as MongoDB Extended JSON v2: `{ $oid: '<24 hex>' }`, `{ $date: '<ISO 8601>' }` and, with
 * MongoDB alone, the others. Numbers are plain, unless the target asks for canonical documents.
 */
import type { Outcome } from './outcome'

export type Scalar = string | number | boolean | null
export type Json = Scalar | Json[] | { [key: string]: Json }
// biome-ignore lint/suspicious/noExplicitAny: documents are typed by their repo; the wire carries plain JSON
export type Document = { [field: string]: any }

export type Filter = Document
export type Update = Document
export type Sort = { [path: string]: 1 | -1 }
export type Projection = { [path: string]: 0 | 1 }

/** An index, declared by the repo that needs it, created before the first use of its collection. */
export type Index = {
  keys: Sort
  unique?: boolean
  /** Only documents that match belong to the index: equality on scalars, or `{ $exists: true }`. */
  partial?: Filter
}

/**
 * Which collection, and what it needs to exist. `indexes` travels with each call: the embedded engine makes what is missing and
 * remembers it; MongoDB's are made by `npm run indexes`, once, before anything runs.
 */
export type Target = {
  database: string
  collection: string
  indexes?: readonly Index[]
  /** How documents come out: with plain numbers (the default), or in canonical Extended JSON, where every number names its type. */
  types?: 'plain' | 'canonical'
}

/** With MongoDB alone: the elements that a positional path such as `items.$[line].quantity` means, by filters on `line.<path>`. */
export type ArrayFilters = Filter[]

export type Operation =
  | { action: 'findOne'; filter?: Filter; projection?: Projection; sort?: Sort }
  | { action: 'find'; filter?: Filter; projection?: Projection; sort?: Sort; limit?: number; skip?: number }
  | { action: 'insertOne'; document: Document }
  | { action: 'insertMany'; documents: Document[]; ordered?: boolean }
  | { action: 'updateOne'; filter: Filter; update: Update; upsert?: boolean; sort?: Sort; arrayFilters?: ArrayFilters }
  | { action: 'updateMany'; filter: Filter; update: Update; upsert?: boolean; arrayFilters?: ArrayFilters }
  | {
      action: 'findOneAndUpdate'
      filter: Filter
      update: Update
      upsert?: boolean
      sort?: Sort
      projection?: Projection
      arrayFilters?: ArrayFilters
      /** Which state is answered; the default is `before`, as in MongoDB. */
      returnDocument?: 'before' | 'after'
    }
  | { action: 'replaceOne'; filter: Filter; replacement: Document; upsert?: boolean; sort?: Sort }
  | { action: 'deleteOne'; filter: Filter }
  | { action: 'deleteMany'; filter: Filter }
  | { action: 'aggregate'; pipeline: Document[] }
  | { action: 'createIndexes'; indexes: Index[] }
  | { action: 'listIndexes' }
  /** For developers: how the engine would read a find. Its words are the engine's own. */
  | { action: 'explain'; filter?: Filter; sort?: Sort; limit?: number; skip?: number }

export type Results = {
  findOne: { document: Document | null }
  find: { documents: Document[] }
  insertOne: { insertedId: Json }
  insertMany: { insertedIds: Json[] }
  updateOne: { matchedCount: number; modifiedCount: number; upsertedId?: Json }
  updateMany: { matchedCount: number; modifiedCount: number; upsertedId?: Json }
  findOneAndUpdate: { document: Document | null }
  replaceOne: { matchedCount: number; modifiedCount: number; upsertedId?: Json }
  deleteOne: { deletedCount: number }
  deleteMany: { deletedCount: number }
  aggregate: { documents: Document[] }
  /** The names of all that were asked for, also of those that were there. */
  createIndexes: { names: string[] }
  /** The index on `_id` first. */
  listIndexes: { indexes: (Index & { name: string })[] }
  explain: { plan: Document }
}

export type Action = Operation['action']
export type OperationOf<A extends Action> = Extract<Operation, { action: A }>
export type AnyResult = Results[Action]

/** Where documents are kept, and how to reach them. Pools are Durable Objects that hold clients of MongoDB. */
export type StoreSettings = { engine: 'embedded' } | { engine: 'mongodb'; pools: number; location: string }

/**
 * What the data Worker says by RPC. The others ask once, then call its Durable Objects themselves: each call through it would be one
 * more invocation on the way of every read and write.
 */
export interface DataSettings {
  settings(): Promise<StoreSettings>
}

export interface DataApi {
  /**
   * Runs one action on one collection.
   * Refuses with `duplicate_key` (a unique index, or `_id`), `data_unsupported` (what the engine cannot do as MongoDB does),
   *   `data_invalid` (what MongoDB refuses too), `payload_too_large` (a document over the engine's limit: 1.9 MB embedded),
   *   `unavailable` with `meta.retryAfter` (the database does not answer, or has too much to do)
   */
  run(target: Target, operation: Operation): Promise<Outcome<AnyResult>>
  /**
   * Runs operations of one database in order, in one round trip. It is not a transaction: the first failing operation stops
   * the rest, and what came before it stays done. Its refusal says how many were done, in `meta.done`.
   */
  batch(operations: { target: Target; operation: Operation }[]): Promise<Outcome<AnyResult[]>>
  /** One Redis command, such as `['SET', 'k', 'v', 'EX', 60]`. @throws AppError `cache_error` with Redis' own message */
  cache(command: (string | number)[]): Promise<Json>
  /** Redis commands in order in one round trip; each answers for itself, as Upstash's `/pipeline` does. */
  cachePipeline(commands: (string | number)[][]): Promise<({ result: Json } | { error: string })[]>
  /**
   * Redis commands with nothing in between, as Upstash's `/multi-exec`: none is run when one of them is unknown or has the wrong
   * number of arguments; otherwise each answers for itself. @throws AppError `cache_error` with Redis' EXECABORT
   */
  cacheTransaction(commands: (string | number)[][]): Promise<({ result: Json } | { error: string })[]>
}
