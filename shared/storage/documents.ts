import type {
  Action,
  DataApi,
  Document,
  Filter,
  Index,
  Operation,
  OperationOf,
  Projection,
  Results,
  Sort,
  Target,
  Update,
} from '../contracts/data'
import { AppError } from '../contracts/errors'
import { type Outcome, resultOf } from '../contracts/outcome'

/** A collection as a repo declares it: its name and the indexes it needs. */
export type CollectionSpec = { name: string; indexes?: readonly Index[] }

export type FindOptions = { sort?: Sort; limit?: number; skip?: number; projection?: Projection }

/** A typed collection over the Data API. Documents are plain JSON with a string `_id`. */
export class Collection<T extends { _id: string }> {
  readonly #data: DataApi
  readonly #target: Target

  constructor(data: DataApi, database: string, spec: CollectionSpec) {
    this.#data = data
    this.#target = { database, collection: spec.name, ...(spec.indexes ? { indexes: spec.indexes } : {}) }
  }

  async #run<A extends Action>(operation: OperationOf<A>): Promise<Results[A]> {
    return (await calling(() => this.#data.run(this.#target, operation as Operation))) as Results[A]
  }

  /** An operation on this collection for `Documents.batch`. */
  plan<const O extends Operation>(operation: O): { target: Target; operation: O } {
    return { target: this.#target, operation }
  }

  async findOne(filter: Filter, options: Pick<FindOptions, 'sort' | 'projection'> = {}): Promise<T | null> {
    const { document } = await this.#run<'findOne'>({ action: 'findOne', filter, ...options })
    return document as T | null
  }

  async find(filter: Filter, options: FindOptions = {}): Promise<T[]> {
    const { documents } = await this.#run<'find'>({ action: 'find', filter, ...options })
    return documents as T[]
  }

  /** @throws AppError `duplicate_key` */
  async insertOne(document: T): Promise<void> {
    await this.#run<'insertOne'>({ action: 'insertOne', document })
  }

  /** Inserts unless the `_id` or a unique index says it is there. Returns whether it was inserted. */
  async insertIfAbsent(document: T): Promise<boolean> {
    try {
      await this.insertOne(document)
      return true
    } catch (error) {
      if (AppError.is(error, 'duplicate_key')) return false
      throw error
    }
  }

  /** Inserts those that are not there yet, in one round trip; the others stay as they are. */
  async insertAbsent(documents: readonly T[]): Promise<void> {
    if (documents.length === 0) return
    try {
      await this.#run<'insertMany'>({ action: 'insertMany', documents: [...documents], ordered: false })
    } catch (error) {
      if (!AppError.is(error, 'duplicate_key')) throw error
    }
  }

  updateOne(filter: Filter, update: Update, options: { upsert?: boolean } = {}): Promise<Results['updateOne']> {
    return this.#run<'updateOne'>({ action: 'updateOne', filter, update, ...options })
  }

  updateMany(filter: Filter, update: Update): Promise<Results['updateMany']> {
    return this.#run<'updateMany'>({ action: 'updateMany', filter, update })
  }

  /** Updates one and answers it as it is afterwards, in one round trip; null when nothing matched. */
  async updateAndFind(filter: Filter, update: Update, options: { sort?: Sort } = {}): Promise<T | null> {
    const operation = { action: 'findOneAndUpdate' as const, filter, update, returnDocument: 'after' as const, ...options }
    const { document } = await this.#run<'findOneAndUpdate'>(operation)
    return document as T | null
  }

  deleteOne(filter: Filter): Promise<Results['deleteOne']> {
    return this.#run<'deleteOne'>({ action: 'deleteOne', filter })
  }

  deleteMany(filter: Filter): Promise<Results['deleteMany']> {
    return this.#run<'deleteMany'>({ action: 'deleteMany', filter })
  }

  async aggregate<R extends Document = Document>(pipeline: Document[]): Promise<R[]> {
    const { documents } = await this.#run<'aggregate'>({ action: 'aggregate', pipeline })
    return documents as R[]
  }

  /**
   * Several operations on this collection in one round trip, in order. Not a transaction: see `DataApi.batch`.
   * The tuple of results has the shape of the tuple of operations.
   */
  async batch<const O extends readonly Operation[]>(operations: O): Promise<{ [K in keyof O]: Results[O[K]['action']] }> {
    const results = await calling(() => this.#data.batch(operations.map((operation) => ({ target: this.#target, operation }))))
    return results as { [K in keyof O]: Results[O[K]['action']] }
  }
}

/** An operation on one of the collections of a database, to be done together with others. */
export type Planned = { target: Target; operation: Operation }

/** RPC errors arrive as look-alikes; callers get real AppErrors. */
async function calling<T>(call: () => Promise<Outcome<T>>): Promise<T> {
  return resultOf(await call())
}

export type Documents = {
  collection<T extends { _id: string }>(spec: CollectionSpec): Collection<T>
  /**
   * Operations on several collections in one round trip, in order; each is made by `Collection.plan`. Not a transaction: the first
   * that is refused ends it, see `DataApi.batch`. The tuple of results has the shape of the tuple of operations.
   */
  batch<const P extends readonly Planned[]>(planned: P): Promise<{ [K in keyof P]: Results[P[K]['operation']['action']] }>
}

/** Every collection that was declared, by its full name; `npm run indexes` reads from it which indexes MongoDB needs. */
export const declared = new Map<string, Required<Pick<Target, 'database' | 'collection' | 'indexes'>>>()

/** The collections of one domain's database, such as `credenza_order`. */
export const documents = (data: DataApi, database: `credenza_${string}`): Documents => ({
  collection: (spec) => {
    const { name: collection, indexes = [] } = spec
    declared.set(`${database}.${collection}`, { database, collection, indexes })
    return new Collection(data, database, spec)
  },
  batch: async (planned) => (await calling(() => data.batch([...planned]))) as never,
})
