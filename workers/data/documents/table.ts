import type { Document, Index } from '../../../shared/contracts/data'
import { AppError } from '../../../shared/contracts/errors'
import { indexName } from './indexes/index-sql'
import { type IndexType, indexTypeOf, widerType } from './indexes/index-type'
import { type DocumentKeys, Keys } from './indexes/keys'
import { checkParallelArrays } from './indexes/parallel-arrays'
import type { Plan } from './indexes/plan'
import type { Ids } from './indexes/range'
import { Rows } from './rows'
import { unsupported } from './values/refusal'

/** Below Cloudflare's row limit of 2 MB, in bytes of JSON. */
const MAX_BYTES = 1_900_000
/** Up to so many documents, reading and sorting all is faster than finding a page of them by walking an index. */
const FEW = 100
/** How far rows are counted to find the rarest of several terms: further when all of them reach the first limit. */
const MANY = [500, 4000]

const encoder = new TextEncoder()

/** A document as it goes into its row. `before` are the index keys of its former state. */
export type Row = { document: Document; body: string; before: DocumentKeys | undefined }

/** One collection: its rows and their index keys. */
export class Table {
  readonly rows: Rows
  readonly keys: Keys
  readonly indexes: Index[] = []
  readonly #collection: string
  readonly #storage: DurableObjectStorage
  /** Paths that must never hold an array: a unique or partial index looks at one value per document. */
  readonly #single = new Set<string>()

  constructor(storage: DurableObjectStorage, collection: string) {
    this.#storage = storage
    this.#collection = collection
    this.rows = new Rows(storage, collection)
    this.keys = new Keys(storage, collection, this.rows)
  }

  /** Starts to use indexes that SQLite already has. */
  addIndexes(indexes: readonly Index[]): void {
    for (const index of indexes) {
      this.indexes.push(index)
      for (const path of pathsOf(index)) if (!this.keys.indexTypes.has(path)) this.keys.indexTypes.set(path, 'plain')
      for (const path of singlePaths(index)) this.#single.add(path)
    }
    this.keys.useIndexes(this.indexes)
  }

  /**
   * The documents that a plan reads, parsed one by one on demand. Nothing may be written until the reading ends. `meter` gets the number
   * of rows that SQLite has read.
   */
  *read({ from, where, bindings, order }: Plan, meter?: (rowsRead: number) => void): Generator<Document> {
    const source = from === '' ? `${this.rows.documents} AS document` : from
    const condition = where.length > 0 ? ` WHERE ${where.join(' AND ')}` : ''
    const direction = order === '' ? '' : ` ORDER BY ${order}`
    const rows = this.#storage.sql.exec<{ body: string }>(`SELECT body FROM ${source}${condition}${direction}`, ...bindings)
    try {
      for (const { body } of rows) yield JSON.parse(body)
    } finally {
      meter?.(rows.rowsRead)
    }
  }

  /** Whether a query gives few enough ids to read and sort all of them. */
  areFew(ids: Ids): boolean {
    return this.#count(ids, FEW + 1) <= FEW
  }

  /** The position of the query that gives the fewest ids, as far as they are counted. */
  fewest(queries: readonly Ids[]): number {
    for (const most of MANY) {
      const counts = queries.map((ids) => this.#count(ids, most))
      const least = Math.min(...counts)
      if (least < most) return counts.indexOf(least)
    }
    return 0
  }

  #count({ from, where, bindings }: Ids, most: number): number {
    const source = from === '' ? `${this.rows.documents} AS document` : from
    const ids = `SELECT 1 FROM ${source} WHERE ${where.join(' AND ')} LIMIT ${most}`
    return this.#storage.sql.exec<{ count: number }>(`SELECT COUNT(*) AS count FROM (${ids})`, ...bindings).one().count
  }

  /** @throws AppError `payload_too_large`, `data_unsupported` for an array where an index needs one value */
  row(document: Document, before?: DocumentKeys): Row {
    const body = JSON.stringify(document)
    if (body.length * 3 > MAX_BYTES && encoder.encode(body).byteLength > MAX_BYTES) {
      throw new AppError('payload_too_large', `The document is over ${MAX_BYTES} bytes`)
    }
    for (const path of this.#single) {
      if (indexTypeOf(document, path) === 'multiple')
        throw unsupported(`'${path}' is an array where a unique or partial index needs one value`)
    }
    return { document, body, before }
  }

  /**
   * Inserts documents one after the other. If they are `ordered`, it stops at the first refused one; otherwise it goes on. Returns how many
   * were inserted, and the first refusal.
   */
  insert(rows: readonly Row[], ordered = true): { done: number; refused: AppError | undefined } {
    const inserted: Document[] = []
    let refused: AppError | undefined
    this.keys.recordTypes(rows.map(({ document }) => document))
    this.#atomically(rows.length === 1 && this.keys.isEmpty, () => {
      for (const { document, body } of rows) {
        try {
          this.keys.check(document)
          this.#guard(() => this.rows.insert(document, body))
          inserted.push(document)
        } catch (error) {
          if (!(error instanceof AppError)) throw error
          refused ??= error
          if (ordered) break
        }
      }
      this.keys.writeNew(inserted)
    })
    return { done: inserted.length, refused }
  }

  /** Writes changed documents over their former state, all or none. @throws AppError `duplicate_key` */
  update(rows: readonly Row[]): void {
    this.keys.recordTypes(rows.map(({ document }) => document))
    for (const { document } of rows) this.keys.check(document)
    this.#atomically(this.keys.isEmpty && rows.length === 1, () => {
      for (const { document, body, before } of rows) {
        this.keys.write(document, before)
        this.#guard(() => this.rows.update(document, body))
      }
    })
  }

  remove(documents: readonly Document[]): void {
    this.#atomically(this.keys.isEmpty, () => {
      this.keys.remove(documents)
      this.rows.remove(documents)
    })
  }

  /** Records the types that stored documents hold at the paths of a new index. */
  survey(index: Index): void {
    const paths = pathsOf(index).filter((path) => !this.keys.indexTypes.has(path))
    const found = new Map<string, IndexType>(paths.map((path) => [path, 'empty']))
    for (const documents of this.rows.pages()) {
      for (const document of documents) {
        for (const path of paths) found.set(path, widerType(found.get(path) ?? 'empty', indexTypeOf(document, path)))
        checkParallelArrays(index, document)
      }
    }
    for (const path of singlePaths(index)) {
      if ((found.get(path) ?? this.keys.indexTypes.get(path)) === 'multiple')
        throw unsupported(`'${path}' holds arrays, which a unique or partial index cannot`)
    }
    for (const [path, type] of found) this.keys.widen(path, type)
  }

  /** One statement is atomic by itself. */
  #atomically(isOne: boolean, work: () => void): void {
    if (isOne) work()
    else this.#storage.transactionSync(work)
  }

  #guard(write: () => void): void {
    try {
      write()
    } catch (error) {
      const message = String(error)
      if (!message.includes('UNIQUE constraint failed')) throw error
      const broken = this.indexes.find((index) =>
        message.includes(`'${indexName(this.rows.documents, index).slice(1, -1).replaceAll('""', '"')}'`),
      )
      const index = broken === undefined ? ['_id'] : Object.keys(broken.keys)
      throw new AppError('duplicate_key', `${this.#collection} already has this ${index.join(', ')}`, { index })
    }
  }
}

/** The paths of an index and of its partial filter, without the id. */
function pathsOf(index: Index): string[] {
  return [...Object.keys(index.keys), ...Object.keys(index.partial ?? {})].filter((path) => path !== '_id')
}

function singlePaths(index: Index): string[] {
  const keys = index.unique === true ? Object.keys(index.keys) : []
  return [...keys, ...Object.keys(index.partial ?? {})]
}
