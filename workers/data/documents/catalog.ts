import type { Index, Target } from '../../../shared/contracts/data'
import { AppError } from '../../../shared/contracts/errors'
import { checkName } from '../../../shared/storage/engine'
import { nameOf } from './indexes/index-names'
import { checkIndex, createIndexSql } from './indexes/index-sql'
import type { IndexType } from './indexes/index-type'
import { tableName } from './indexes/names'
import { Table } from './table'
import { sameValue } from './values/compare'
import { invalid } from './values/refusal'

/** The collections of one database with their indexes; read from SQLite once, then kept in memory. */
export class Catalog {
  readonly #storage: DurableObjectStorage
  readonly #tables = new Map<string, Table>()
  /** The index declarations that are already made, as JSON, by collection: a later call only compares this text. */
  readonly #ensured = new Map<string, string>()

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage
    storage.sql.exec('CREATE TABLE IF NOT EXISTS collections (name TEXT PRIMARY KEY) WITHOUT ROWID')
    storage.sql.exec(
      'CREATE TABLE IF NOT EXISTS indexes (collection TEXT, declaration TEXT, PRIMARY KEY (collection, declaration)) WITHOUT ROWID',
    )
    storage.sql.exec(
      'CREATE TABLE IF NOT EXISTS paths (collection TEXT, path TEXT, kind TEXT, PRIMARY KEY (collection, path)) WITHOUT ROWID',
    )
  }

  /**
   * The collection of a target with its indexes made, or undefined when nothing was ever written to it.
   * @throws AppError `duplicate_key` when stored documents break a new unique index
   */
  open(target: Target): Table | undefined {
    checkName(target.collection, 'collection')
    const table = this.#tables.get(target.collection) ?? this.#load(target.collection)
    if (table !== undefined) this.#ensure(table, target)
    return table
  }

  /** As `open`, for a write: makes the collection when it is not there. */
  create(target: Target): Table {
    const found = this.open(target)
    if (found !== undefined) return found
    for (const index of target.indexes ?? []) checkIndex(index)
    const { sql } = this.#storage
    this.#storage.transactionSync(() => {
      const documents = tableName('documents', target.collection)
      const entries = tableName('entries', target.collection)
      sql.exec('INSERT INTO collections VALUES (?)', target.collection)
      sql.exec(`CREATE TABLE ${documents} (id TEXT PRIMARY KEY, body TEXT NOT NULL)`)
      sql.exec(`CREATE TABLE ${entries} (path TEXT, value, id TEXT, PRIMARY KEY (path, value, id)) WITHOUT ROWID`)
      sql.exec(`CREATE INDEX ${entries.replace(/"$/, ' by id"')} ON ${entries} (id)`)
    })
    return this.open(target) ?? new Table(this.#storage, target.collection)
  }

  /**
   * Makes indexes, and their collection when it is not there. Returns the names of all.
   * @throws AppError `data_invalid` when an index of the same name has other options, and as `open`
   */
  createIndexes(target: Target, indexes: unknown): string[] {
    if (!Array.isArray(indexes) || indexes.length === 0) throw invalid('createIndexes needs indexes')
    for (const index of indexes) checkIndex(index)
    const table = this.create(target)
    const wanted = indexes.map(
      ({ keys, unique, partial }: Index): Index => ({ keys, ...(unique ? { unique } : {}), ...(partial ? { partial } : {}) }),
    )
    for (const index of wanted) {
      const other = table.indexes.find((known) => nameOf(known) === nameOf(index))
      if (other !== undefined && !sameValue(other, index)) throw invalid(`The index ${nameOf(index)} is there with other options`)
      if (other === undefined && nameOf(index) !== '_id_') this.#make(table, target.collection, index)
    }
    return wanted.map(nameOf)
  }

  #load(collection: string): Table | undefined {
    const { sql } = this.#storage
    if (sql.exec('SELECT 1 FROM collections WHERE name = ?', collection).toArray().length === 0) return undefined
    const table = new Table(this.#storage, collection)
    for (const { path, kind } of sql.exec<{ path: string; kind: IndexType }>(
      'SELECT path, kind FROM paths WHERE collection = ?',
      collection,
    )) {
      table.keys.indexTypes.set(path, kind)
    }
    const declared = sql
      .exec<{ declaration: string }>('SELECT declaration FROM indexes WHERE collection = ?', collection)
      .toArray()
    table.addIndexes(declared.map(({ declaration }) => JSON.parse(declaration)))
    this.#tables.set(collection, table)
    return table
  }

  #ensure(table: Table, { collection, indexes = [] }: Target): void {
    const declared = JSON.stringify(indexes)
    if (indexes.length === 0 || this.#ensured.get(collection) === declared) return
    const known = new Set(table.indexes.map((index) => JSON.stringify(index)))
    for (const index of indexes) {
      checkIndex(index)
      if (!known.has(JSON.stringify(index))) this.#make(table, collection, index)
    }
    this.#ensured.set(collection, declared)
  }

  #make(table: Table, collection: string, index: Index): void {
    table.survey(index)
    try {
      this.#storage.transactionSync(() => {
        this.#storage.sql.exec(createIndexSql(table.rows.documents, index))
        this.#storage.sql.exec('INSERT INTO indexes VALUES (?, ?)', collection, JSON.stringify(index))
      })
    } catch (error) {
      if (!String(error).includes('UNIQUE constraint failed')) throw error
      throw new AppError('duplicate_key', `Documents of ${collection} already share a key`, { index: Object.keys(index.keys) })
    }
    table.addIndexes([index])
  }
}
