/**
 * The document store as the Workers see it: the ten actions of the MongoDB Data API v1 and `batch`, by RPC.
 * Both engines (embedded and MongoDB) implement this interface.
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

/** Which collection, and what it needs to exist. `indexes` travels with each call; engines remember what they ensured. */
export type Target = { database: string; collection: string; indexes?: readonly Index[] }

export type Operation =
  | { action: 'findOne'; filter?: Filter; projection?: Projection; sort?: Sort }
  | { action: 'find'; filter?: Filter; projection?: Projection; sort?: Sort; limit?: number; skip?: number }
  | { action: 'insertOne'; document: Document }
  | { action: 'insertMany'; documents: Document[]; ordered?: boolean }
  | { action: 'updateOne'; filter: Filter; update: Update; upsert?: boolean }
  | { action: 'updateMany'; filter: Filter; update: Update; upsert?: boolean }
  | { action: 'replaceOne'; filter: Filter; replacement: Document; upsert?: boolean }
  | { action: 'deleteOne'; filter: Filter }
  | { action: 'deleteMany'; filter: Filter }
  | { action: 'aggregate'; pipeline: Document[] }

export type Results = {
  findOne: { document: Document | null }
  find: { documents: Document[] }
  insertOne: { insertedId: string }
  insertMany: { insertedIds: string[] }
  updateOne: { matchedCount: number; modifiedCount: number; upsertedId?: string }
  updateMany: { matchedCount: number; modifiedCount: number; upsertedId?: string }
  replaceOne: { matchedCount: number; modifiedCount: number; upsertedId?: string }
  deleteOne: { deletedCount: number }
  deleteMany: { deletedCount: number }
  aggregate: { documents: Document[] }
}

export type Action = Operation['action']
export type OperationOf<A extends Action> = Extract<Operation, { action: A }>
export type AnyResult = Results[Action]

export interface DataApi {
  /**
   * Runs one action on one collection.
   * Refuses with `duplicate_key` (a unique index, or `_id`), `data_unsupported` (what the engine cannot do as MongoDB does),
   *   `data_invalid` (an update MongoDB refuses too), `payload_too_large` (a document over 1.9 MB)
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
}
