import type { Document, Index } from '../../../../shared/contracts/data'
import type { Rows } from '../rows'
import { type BulkRow, bulkTexts } from './bulk-rows'
import { indexName } from './index-sql'
import { type IndexType, indexTypeOf, type Key, keysAt, widerType } from './index-type'
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
import { checkParallelArrays } from './parallel-arrays'

/** The index keys of a document, in the order of the paths and indexes of a generation. */
export type DocumentKeys = { generation: number; entries: Key[][]; rows: MultikeyRows[] }

/** What is stored beside the rows of a collection: the types at its indexed paths, the entries of arrays and the multikey indexes. */
export class Keys {
  readonly entries: string
  readonly indexTypes = new Map<string, IndexType>()
  readonly multikeys = new Map<Index, Multikey>()
  readonly #storage: DurableObjectStorage
  readonly #collection: string
  readonly #rows: Rows
  #indexes: readonly Index[] = []
  #multiple: string[] = []
  /** Rises when a path or an index is added: keys of an earlier generation are incomplete. */
  #generation = 0

  constructor(storage: DurableObjectStorage, collection: string, rows: Rows) {
    this.#storage = storage
    this.#collection = collection
    this.#rows = rows
    this.entries = tableName('entries', collection)
  }

  /** Whether nothing is stored beside the rows. */
  get isEmpty(): boolean {
    return this.#multiple.length === 0
  }

  /** The keys of a document, which `write` needs after the document has changed. */
  of(document: Document): DocumentKeys | undefined {
    if (this.isEmpty) return undefined
    return {
      generation: this.#generation,
      entries: this.#multiple.map((path) => keysAt(document, path)),
      rows: [...this.multikeys.values()].map((multikey) => rowsOf(multikey, document)),
    }
  }

  /**
   * Records the types that documents hold at the indexed paths. This comes before they are written and outside of that transaction, so
   * that no read uses an index that a document is missing from, and a rollback cannot undo what is in memory.
   */
  recordTypes(documents: readonly Document[]): void {
    for (const [path, type] of this.indexTypes) {
      if (type === 'multiple') continue
      const next = documents.reduce<IndexType>((highest, document) => widerType(highest, indexTypeOf(document, path)), type)
      if (next !== type) this.widen(path, next)
    }
  }

  /** @throws AppError `data_invalid` for a document with two arrays in one index */
  check(document: Document): void {
    if (this.#multiple.length > 1) for (const index of this.#indexes) checkParallelArrays(index, document, this.indexTypes)
  }

  /** Stores the keys of documents whose rows have just been inserted. */
  writeNew(documents: readonly Document[]): void {
    for (const path of this.#multiple) this.#addEntries(path, documents)
    for (const multikey of this.multikeys.values()) this.#addRows(multikey, documents)
  }

  /** Stores the keys of a document whose row is about to be changed; `before` are its present keys. */
  write(document: Document, before: DocumentKeys | undefined): void {
    const after = this.of(document)
    if (after === undefined) return
    const id = this.#rows.idOf(document)
    const stored = before?.generation === this.#generation ? before : this.#keysOfRow(id)
    for (const [at, path] of this.#multiple.entries()) {
      if (areSame(stored?.entries[at], after.entries[at])) continue
      this.#storage.sql.exec(`DELETE FROM ${this.entries} WHERE id = ? AND path = ?`, id, path)
      this.#addEntries(path, [document])
    }
    for (const [at, multikey] of [...this.multikeys.values()].entries()) {
      if (areSame(stored?.rows[at], after.rows[at])) continue
      const rows = stored?.rows[at]
      if (rows !== undefined) this.#removeRows(multikey, bulkRowsOf(rows, id))
      this.#addRows(multikey, [document])
    }
  }

  remove(documents: readonly Document[]): void {
    if (this.isEmpty) return
    const ids = JSON.stringify(documents.map((document) => this.#rows.idOf(document)))
    this.#storage.sql.exec(`DELETE FROM ${this.entries} WHERE id IN (SELECT value FROM json_each(?))`, ids)
    for (const multikey of this.multikeys.values()) {
      this.#removeRows(
        multikey,
        documents.flatMap((document) => bulkRowsOf(rowsOf(multikey, document), this.#rows.idOf(document))),
      )
    }
  }

  widen(path: string, type: IndexType): void {
    this.#storage.transactionSync(() => {
      this.#storage.sql.exec('INSERT OR REPLACE INTO paths VALUES (?, ?, ?)', this.#collection, path, type)
      if (type !== 'multiple') return
      for (const documents of this.#rows.pages()) this.#addEntries(path, documents)
    })
    this.indexTypes.set(path, type)
    if (type === 'multiple') this.useIndexes(this.#indexes)
  }

  /**
   * Makes and fills the multikey indexes that are needed now. When a second path of arrays ends an index, its table stays and is never
   * read again, since types only widen: SQLite drops no table while a cursor of the database is open, as after each find that stops early.
   */
  useIndexes(indexes: readonly Index[]): void {
    this.#indexes = indexes
    this.#multiple = [...this.indexTypes].filter(([, type]) => type === 'multiple').map(([path]) => path)
    this.#generation++
    for (const index of indexes) {
      const wanted = multikeyOf(this.#rows.documents, index, this.indexTypes)
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
      for (const documents of this.#rows.pages()) this.#addRows(multikey, documents)
    })
  }

  /** No plan uses an expression index whose first key is a path of arrays, and each write pays for it. If it is locked, the next load drops it. */
  #dropExpressions(index: Index): void {
    try {
      this.#storage.sql.exec(`DROP INDEX IF EXISTS ${indexName(this.#rows.documents, index)}`)
    } catch (error) {
      if (!String(error).includes('SQLITE_LOCKED')) throw error
    }
  }

  /** The keys of a document by its stored row, from which `widen` has just made the entries of a new path of arrays. */
  #keysOfRow(id: string): DocumentKeys | undefined {
    const stored = this.#rows.get(id)
    return stored === undefined ? undefined : this.of(stored)
  }

  #addEntries(path: string, documents: readonly Document[]): void {
    const rows = documents.flatMap((document) => {
      const id = this.#rows.idOf(document)
      return keysAt(document, path).map((value): BulkRow => [value, id])
    })
    const sql = `INSERT OR IGNORE INTO ${this.entries} SELECT ?, value ->> 0, value ->> 1 FROM json_each(?)`
    for (const text of bulkTexts(rows)) this.#storage.sql.exec(sql, path, text)
  }

  #addRows(multikey: Multikey, documents: readonly Document[]): void {
    const rows = documents.flatMap((document) => bulkRowsOf(rowsOf(multikey, document), this.#rows.idOf(document)))
    for (const text of bulkTexts(rows)) this.#storage.sql.exec(insertRowsSql(multikey), text)
  }

  #removeRows(multikey: Multikey, rows: BulkRow[]): void {
    for (const text of bulkTexts(rows)) this.#storage.sql.exec(deleteRowsSql(multikey), text)
  }
}

function areSame(left: unknown, right: unknown): boolean {
  return left !== undefined && JSON.stringify(left) === JSON.stringify(right)
}
