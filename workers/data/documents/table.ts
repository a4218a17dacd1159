import type { Document, Index } from '../../../shared/contracts/data'
import { AppError } from '../../../shared/contracts/errors'
import { indexName } from './index-sql'
import { type Entry, entriesOf, higher, type Kind, kindOf } from './kind'
import { tableName } from './names'
import type { Ids, Plan } from './plan'
import { unsupported } from './value'

/** Below Cloudflare's row limit of 2 MB, in bytes of JSON. */
const MAX_BYTES = 1_900_000
/** Documents that are read and sorted sooner than a page of them is found by walking an index. */
const FEW = 100

const encoder = new TextEncoder()

/** A document as it goes into its row. `before` is what the entries of its former state were. */
export type Row = { document: Document; body: string; before?: Entry[] }

/** One collection: its rows, the entries of paths with several values, and what its indexed paths have held. */
export class Table {
  readonly documents: string
  readonly entries: string
  readonly indexes: Index[] = []
  readonly kinds = new Map<string, Kind>()
  readonly #collection: string
  readonly #storage: DurableObjectStorage
  /** Paths that must never meet an array: uniqueness and partial membership are by the one value of a document. */
  readonly #single = new Set<string>()
  #multiple: string[] = []

  constructor(storage: DurableObjectStorage, collection: string) {
    this.#storage = storage
    this.#collection = collection
    this.documents = tableName('documents', collection)
    this.entries = tableName('entries', collection)
  }

  addIndex(index: Index): void {
    this.indexes.push(index)
    for (const path of pathsOf(index)) if (!this.kinds.has(path)) this.kinds.set(path, 'plain')
    for (const path of singlePaths(index)) this.#single.add(path)
    this.#multiple = [...this.kinds].filter(([, kind]) => kind === 'multiple').map(([path]) => path)
  }

  /** The document of an id. */
  get(id: string): Document | undefined {
    const [row] = this.#storage.sql.exec<{ body: string }>(`SELECT body FROM ${this.documents} WHERE id = ?`, id)
    return row === undefined ? undefined : JSON.parse(row.body)
  }

  /** The documents a plan reads, parsed one by one as they are asked for. Nothing may be written until the reading is over. */
  *read({ where, bindings, order }: Plan): Generator<Document> {
    const condition = where.length > 0 ? ` WHERE ${where.join(' AND ')}` : ''
    const direction = order === '' ? '' : ` ORDER BY ${order}`
    const rows = this.#storage.sql.exec<{ body: string }>(
      `SELECT body FROM ${this.documents} AS document${condition}${direction}`,
      ...bindings,
    )
    for (const { body } of rows) yield JSON.parse(body)
  }

  /** Whether a query gives no more ids than may be read and sorted at once. */
  areFew({ from, where, bindings }: Ids): boolean {
    const ids = `SELECT id FROM ${from || `${this.documents} AS document`} WHERE ${where.join(' AND ')} LIMIT ${FEW + 1}`
    const { count } = this.#storage.sql.exec<{ count: number }>(`SELECT COUNT(*) AS count FROM (${ids})`, ...bindings).one()
    return count <= FEW
  }

  /** @throws AppError `payload_too_large`, `data_unsupported` for an array where an index needs one value */
  row(document: Document, before?: Entry[]): Row {
    const body = JSON.stringify(document)
    if (body.length * 3 > MAX_BYTES && encoder.encode(body).byteLength > MAX_BYTES) {
      throw new AppError('payload_too_large', `The document is over ${MAX_BYTES} bytes`)
    }
    for (const path of this.#single) {
      if (kindOf(document, path) === 'multiple')
        throw unsupported(`'${path}' is an array where a unique or partial index needs one value`)
    }
    return { document, body, ...(before ? { before } : {}) }
  }

  /** What the entries of a document are now, to be given to `row` after it has changed. */
  entriesOf(document: Document): Entry[] {
    return this.#multiple.length === 0 ? [] : entriesOf(document, this.#multiple)
  }

  /** @throws AppError `duplicate_key` */
  insert(row: Row): void {
    this.#note(row.document)
    this.#write([row], ({ document, body }) => {
      this.#storage.sql.exec(`INSERT INTO ${this.documents} (id, body) VALUES (?, ?)`, document._id, body)
    })
  }

  /** Writes changed documents over their former state, all or none. @throws AppError `duplicate_key` */
  update(rows: readonly Row[]): void {
    for (const { document } of rows) this.#note(document)
    this.#write(rows, ({ document, body }) => {
      this.#storage.sql.exec(`UPDATE ${this.documents} SET body = ? WHERE id = ?`, body, document._id)
    })
  }

  remove(ids: readonly string[]): void {
    const tables = this.#multiple.length === 0 ? [this.documents] : [this.documents, this.entries]
    this.#atomically(tables.length, () => {
      for (const table of tables) {
        this.#storage.sql.exec(`DELETE FROM ${table} WHERE id IN (SELECT value FROM json_each(?))`, JSON.stringify(ids))
      }
    })
  }

  /** Learns what the documents already there hold at the paths of a new index. */
  survey(index: Index): void {
    const paths = pathsOf(index).filter((path) => !this.kinds.has(path))
    const single = singlePaths(index)
    const found = new Map<string, Kind>(paths.map((path) => [path, 'plain']))
    for (const document of this.read({ where: [], bindings: [], order: '', ordered: true })) {
      for (const path of paths) found.set(path, higher(found.get(path) ?? 'plain', kindOf(document, path)))
    }
    for (const path of single) {
      if ((found.get(path) ?? this.kinds.get(path)) === 'multiple')
        throw unsupported(`'${path}' holds arrays, which a unique or partial index cannot`)
    }
    for (const [path, kind] of found) this.#raise(path, kind)
  }

  /** A path's kind is written down before a document is, so that no reader ever trusts an index the document is not in. */
  #note(document: Document): void {
    for (const [path, kind] of this.kinds) {
      if (kind === 'multiple') continue
      const next = higher(kind, kindOf(document, path))
      if (next !== kind) this.#raise(path, next)
    }
  }

  #raise(path: string, kind: Kind): void {
    this.#storage.transactionSync(() => {
      this.#storage.sql.exec('INSERT OR REPLACE INTO paths VALUES (?, ?, ?)', this.#collection, path, kind)
      if (kind !== 'multiple') return
      const documents = [...this.read({ where: [], bindings: [], order: '', ordered: true })]
      for (const document of documents) this.#enter(document._id, entriesOf(document, [path]))
    })
    this.kinds.set(path, kind)
    if (kind === 'multiple') this.#multiple.push(path)
  }

  #write(rows: readonly Row[], write: (row: Row) => void): void {
    this.#atomically(rows.length + this.#multiple.length, () => {
      for (const row of rows) {
        this.#guard(() => write(row))
        this.#enterAnew(row)
      }
    })
  }

  /** One statement is atomic by itself. */
  #atomically(statements: number, work: () => void): void {
    if (statements === 1) work()
    else this.#storage.transactionSync(work)
  }

  #enterAnew({ document, before }: Row): void {
    if (this.#multiple.length === 0) return
    const after = entriesOf(document, this.#multiple)
    if (JSON.stringify(after) === JSON.stringify(before)) return
    if (before !== undefined) this.#storage.sql.exec(`DELETE FROM ${this.entries} WHERE id = ?`, document._id)
    this.#enter(document._id, after)
  }

  #enter(id: string, entries: readonly Entry[]): void {
    // One statement for all: a document has an entry for each of its search terms, hundreds of them.
    this.#storage.sql.exec(
      `INSERT OR IGNORE INTO ${this.entries} SELECT value ->> 'path', value ->> 'value', ? FROM json_each(?)`,
      id,
      JSON.stringify(entries),
    )
  }

  #guard(write: () => void): void {
    try {
      write()
    } catch (error) {
      const message = String(error)
      if (!message.includes('UNIQUE constraint failed')) throw error
      const broken = this.indexes.find((index) =>
        message.includes(`'${indexName(this.documents, index).slice(1, -1).replaceAll('""', '"')}'`),
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
