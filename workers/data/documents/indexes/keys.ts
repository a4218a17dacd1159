import type { Document, Index } from '../../../../shared/contracts/data'
import type { Rows } from '../rows'
import { type BulkRow, bulkTexts } from './bulk-rows'
import { indexName } from './index-sql'
import { higher, type Key, type Kind, keysAt, kindOf } from './index-type'
import {
  bulkRowsOf,
  createMultikeySql,
  deleteRowsSql,
  insertRowsSql,
  type Multikey,
  type MultikeyRows,
  multikeyOf,
  rowsOf,
} from './multikey'
import { tableName } from './names'
import { checkParallel } from './parallel-arrays'

/** What is kept beside a document's row, in the order of the paths and indexes of a generation. */
export type Held = { generation: number; entries: Key[][]; rows: MultikeyRows[] }

/** What is kept beside the rows of a collection: what its indexed paths have held, the entries of arrays and the multikey indexes. */
export class Keys {
  readonly entries: string
  readonly kinds = new Map<string, Kind>()
  readonly multikeys = new Map<Index, Multikey>()
  readonly #storage: DurableObjectStorage
  readonly #collection: string
  readonly #rows: Rows
  #indexes: readonly Index[] = []
  #multiple: string[] = []
  /** Changes whenever more is kept than before. */
  #generation = 0

  constructor(storage: DurableObjectStorage, collection: string, rows: Rows) {
    this.#storage = storage
    this.#collection = collection
    this.#rows = rows
    this.entries = tableName('entries', collection)
  }

  /** Whether a document's row is all there is of it. */
  get areNone(): boolean {
    return this.#multiple.length === 0
  }

  /** What is kept of a document now, to be given to `write` after it has changed. */
  of(document: Document): Held | undefined {
    if (this.areNone) return undefined
    return {
      generation: this.#generation,
      entries: this.#multiple.map((path) => keysAt(document, path)),
      rows: [...this.multikeys.values()].map((multikey) => rowsOf(multikey, document)),
    }
  }

  /**
   * Learns what documents hold at the indexed paths, before any of them is written and outside of that transaction: no reader ever trusts an
   * index the document is not in, nor this memory what a rollback has undone.
   */
  note(documents: readonly Document[]): void {
    for (const [path, kind] of this.kinds) {
      if (kind === 'multiple') continue
      const next = documents.reduce<Kind>((highest, document) => higher(highest, kindOf(document, path)), kind)
      if (next !== kind) this.raise(path, next)
    }
  }

  /** @throws AppError `data_invalid` for two arrays of a document that one index would have to hold */
  check(document: Document): void {
    if (this.#multiple.length > 1) for (const index of this.#indexes) checkParallel(index, document, this.kinds)
  }

  /** Keeps what is to be kept of documents whose rows have just been inserted. */
  writeNew(documents: readonly Document[]): void {
    for (const path of this.#multiple) this.#enter(path, documents)
    for (const multikey of this.multikeys.values()) this.#add(multikey, documents)
  }

  /** Keeps what is to be kept of a document whose row is about to be changed; `before` is what was kept. */
  write(document: Document, before: Held | undefined): void {
    const after = this.of(document)
    if (after === undefined) return
    const id = this.#rows.idOf(document)
    const held = before?.generation === this.#generation ? before : this.#heldInRow(id)
    for (const [at, path] of this.#multiple.entries()) {
      if (areSame(held?.entries[at], after.entries[at])) continue
      this.#storage.sql.exec(`DELETE FROM ${this.entries} WHERE id = ? AND path = ?`, id, path)
      this.#enter(path, [document])
    }
    for (const [at, multikey] of [...this.multikeys.values()].entries()) {
      if (areSame(held?.rows[at], after.rows[at])) continue
      const rows = held?.rows[at]
      if (rows !== undefined) this.#take(multikey, bulkRowsOf(rows, id))
      this.#add(multikey, [document])
    }
  }

  remove(documents: readonly Document[]): void {
    if (this.areNone) return
    const ids = JSON.stringify(documents.map((document) => this.#rows.idOf(document)))
    this.#storage.sql.exec(`DELETE FROM ${this.entries} WHERE id IN (SELECT value FROM json_each(?))`, ids)
    for (const multikey of this.multikeys.values()) {
      this.#take(
        multikey,
        documents.flatMap((document) => bulkRowsOf(rowsOf(multikey, document), this.#rows.idOf(document))),
      )
    }
  }

  raise(path: string, kind: Kind): void {
    this.#storage.transactionSync(() => {
      this.#storage.sql.exec('INSERT OR REPLACE INTO paths VALUES (?, ?, ?)', this.#collection, path, kind)
      if (kind !== 'multiple') return
      for (const documents of this.#rows.pages()) this.#enter(path, documents)
    })
    this.kinds.set(path, kind)
    if (kind === 'multiple') this.settle(this.#indexes)
  }

  /**
   * Makes the multikey indexes that are needed now and fills them. One that a second path of arrays has ended is left as it is and never
   * read again, since kinds only rise: SQLite drops no table while some cursor of the database is open, as after each find that stopped early.
   */
  settle(indexes: readonly Index[]): void {
    this.#indexes = indexes
    this.#multiple = [...this.kinds].filter(([, kind]) => kind === 'multiple').map(([path]) => path)
    this.#generation++
    for (const index of indexes) {
      const wanted = multikeyOf(this.#rows.documents, index, this.kinds)
      if (wanted === undefined) this.multikeys.delete(index)
      if (wanted === undefined || this.multikeys.has(index)) continue
      this.#make(wanted)
      this.multikeys.set(index, wanted)
      if (Object.keys(index.keys)[0] === wanted.path) this.#dropExpressions(index)
    }
  }

  #make(multikey: Multikey): void {
    const name = multikey.table.slice(1, -1).replaceAll('""', '"')
    const { sql } = this.#storage
    if (sql.exec(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?`, name).toArray().length > 0) return
    this.#storage.transactionSync(() => {
      sql.exec(createMultikeySql(multikey))
      for (const documents of this.#rows.pages()) this.#add(multikey, documents)
    })
  }

  /** No plan uses an expression index whose first key is a path of arrays, and each write pays for it. If it is in use, the next load drops it. */
  #dropExpressions(index: Index): void {
    try {
      this.#storage.sql.exec(`DROP INDEX IF EXISTS ${indexName(this.#rows.documents, index)}`)
    } catch (error) {
      if (!String(error).includes('SQLITE_LOCKED')) throw error
    }
  }

  /** What is kept of a document by its row, which a path that has just become one of arrays has been entered from. */
  #heldInRow(id: string): Held | undefined {
    const stored = this.#rows.get(id)
    return stored === undefined ? undefined : this.of(stored)
  }

  #enter(path: string, documents: readonly Document[]): void {
    const rows = documents.flatMap((document) => {
      const id = this.#rows.idOf(document)
      return keysAt(document, path).map((value): BulkRow => [value, id])
    })
    const sql = `INSERT OR IGNORE INTO ${this.entries} SELECT ?, value ->> 0, value ->> 1 FROM json_each(?)`
    for (const text of bulkTexts(rows)) this.#storage.sql.exec(sql, path, text)
  }

  #add(multikey: Multikey, documents: readonly Document[]): void {
    const rows = documents.flatMap((document) => bulkRowsOf(rowsOf(multikey, document), this.#rows.idOf(document)))
    for (const text of bulkTexts(rows)) this.#storage.sql.exec(insertRowsSql(multikey), text)
  }

  #take(multikey: Multikey, rows: BulkRow[]): void {
    for (const text of bulkTexts(rows)) this.#storage.sql.exec(deleteRowsSql(multikey), text)
  }
}

function areSame(left: unknown, right: unknown): boolean {
  return left !== undefined && JSON.stringify(left) === JSON.stringify(right)
}
