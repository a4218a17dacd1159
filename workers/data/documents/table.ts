import type { Document, Index } from '../../../shared/contracts/data'
import { AppError } from '../../../shared/contracts/errors'
import { indexName } from './indexes/index-sql'
import { higher, type Kind, kindOf } from './indexes/index-type'
import { type Held, Keys } from './indexes/keys'
import { checkParallel } from './indexes/parallel-arrays'
import type { Ids, Plan } from './indexes/plan'
import { Rows } from './rows'
import { unsupported } from './values/refusal'

/** Below Cloudflare's row limit of 2 MB, in bytes of JSON. */
const MAX_BYTES = 1_900_000
/** Documents that are read and sorted sooner than a page of them is found by walking an index. */
const FEW = 100
/** How far rows are counted to tell which of several is rarest: further where the first count tells nothing. */
const MANY = [500, 4000]

const encoder = new TextEncoder()

/** A document as it goes into its row. `before` is what was kept beside its former state. */
export type Row = { document: Document; body: string; before: Held | undefined }

/** One collection: its rows and what is kept beside them. */
export class Table {
  readonly rows: Rows
  readonly keys: Keys
  readonly indexes: Index[] = []
  readonly #collection: string
  readonly #storage: DurableObjectStorage
  /** Paths that must never meet an array: uniqueness and partial membership are by the one value of a document. */
  readonly #single = new Set<string>()

  constructor(storage: DurableObjectStorage, collection: string) {
    this.#storage = storage
    this.#collection = collection
    this.rows = new Rows(storage, collection)
    this.keys = new Keys(storage, collection, this.rows)
  }

  /** Makes indexes known whose SQL is there. */
  addIndexes(indexes: readonly Index[]): void {
    for (const index of indexes) {
      this.indexes.push(index)
      for (const path of pathsOf(index)) if (!this.keys.kinds.has(path)) this.keys.kinds.set(path, 'plain')
      for (const path of singlePaths(index)) this.#single.add(path)
    }
    this.keys.settle(this.indexes)
  }

  /**
   * The documents a plan reads, parsed one by one as they are asked for. Nothing may be written until the reading is over. `meter` is told
   * how many rows SQLite has read for it.
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

  /** Whether a query gives no more ids than may be read and sorted at once. */
  areFew(ids: Ids): boolean {
    return this.#count(ids, FEW + 1) <= FEW
  }

  /** Which of some queries gives the fewest ids, as far as they are counted. */
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
  row(document: Document, before?: Held): Row {
    const body = JSON.stringify(document)
    if (body.length * 3 > MAX_BYTES && encoder.encode(body).byteLength > MAX_BYTES) {
      throw new AppError('payload_too_large', `The document is over ${MAX_BYTES} bytes`)
    }
    for (const path of this.#single) {
      if (kindOf(document, path) === 'multiple')
        throw unsupported(`'${path}' is an array where a unique or partial index needs one value`)
    }
    return { document, body, before }
  }

  /**
   * Inserts documents one after the other; the first refused one ends it if they are `ordered`, otherwise the rest goes in. Gives how many
   * did, and the first refusal.
   */
  insert(rows: readonly Row[], ordered = true): { done: number; refused: AppError | undefined } {
    const inserted: Document[] = []
    let refused: AppError | undefined
    this.keys.note(rows.map(({ document }) => document))
    this.#atomically(rows.length === 1 && this.keys.areNone, () => {
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
    this.keys.note(rows.map(({ document }) => document))
    for (const { document } of rows) this.keys.check(document)
    this.#atomically(this.keys.areNone && rows.length === 1, () => {
      for (const { document, body, before } of rows) {
        this.keys.write(document, before)
        this.#guard(() => this.rows.update(document, body))
      }
    })
  }

  remove(documents: readonly Document[]): void {
    this.#atomically(this.keys.areNone, () => {
      this.keys.remove(documents)
      this.rows.remove(documents)
    })
  }

  /** Learns what the documents already there hold at the paths of a new index. */
  survey(index: Index): void {
    const paths = pathsOf(index).filter((path) => !this.keys.kinds.has(path))
    const found = new Map<string, Kind>(paths.map((path) => [path, 'empty']))
    for (const documents of this.rows.pages()) {
      for (const document of documents) {
        for (const path of paths) found.set(path, higher(found.get(path) ?? 'empty', kindOf(document, path)))
        checkParallel(index, document)
      }
    }
    for (const path of singlePaths(index)) {
      if ((found.get(path) ?? this.keys.kinds.get(path)) === 'multiple')
        throw unsupported(`'${path}' holds arrays, which a unique or partial index cannot`)
    }
    for (const [path, kind] of found) this.keys.raise(path, kind)
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

/** The keys of an index and what its partial filter looks at; the id needs no watching. */
function pathsOf(index: Index): string[] {
  return [...Object.keys(index.keys), ...Object.keys(index.partial ?? {})].filter((path) => path !== '_id')
}

function singlePaths(index: Index): string[] {
  const keys = index.unique === true ? Object.keys(index.keys) : []
  return [...keys, ...Object.keys(index.partial ?? {})]
}
