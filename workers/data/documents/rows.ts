import type { Document } from '../../../shared/contracts/data'
import { tableName } from './indexes/names'
import { storedId } from './values/id'

/** How many documents are in memory at once when all of a collection are read. */
const PAGE = 200

/** The rows of one collection: a document as JSON under the text of its id. */
export class Rows {
  readonly documents: string
  readonly #storage: DurableObjectStorage

  constructor(storage: DurableObjectStorage, collection: string) {
    this.#storage = storage
    this.documents = tableName('documents', collection)
  }

  idOf(document: Document): string {
    return storedId(document._id)
  }

  /** The document of a stored id. */
  get(id: string): Document | undefined {
    // Reads to the end of the cursor: SQLite drops no table while a cursor is open.
    const [row] = this.#storage.sql.exec<{ body: string }>(`SELECT body FROM ${this.documents} WHERE id = ?`, id).toArray()
    return row === undefined ? undefined : JSON.parse(row.body)
  }

  /** All documents, in pages: a large collection is never in memory at once, and other tables may be written between pages. */
  *pages(): Generator<Document[]> {
    let after = ''
    for (;;) {
      const rows = this.#storage.sql
        .exec<{ id: string; body: string }>(
          `SELECT id, body FROM ${this.documents} WHERE id > ? ORDER BY id LIMIT ${PAGE}`,
          after,
        )
        .toArray()
      const last = rows.at(-1)
      if (last === undefined) return
      yield rows.map(({ body }) => JSON.parse(body))
      if (rows.length < PAGE) return
      after = last.id
    }
  }

  insert(document: Document, body: string): void {
    this.#storage.sql.exec(`INSERT INTO ${this.documents} (id, body) VALUES (?, ?)`, this.idOf(document), body)
  }

  update(document: Document, body: string): void {
    this.#storage.sql.exec(`UPDATE ${this.documents} SET body = ? WHERE id = ?`, body, this.idOf(document))
  }

  remove(documents: readonly Document[]): void {
    const ids = JSON.stringify(documents.map((document) => this.idOf(document)))
    this.#storage.sql.exec(`DELETE FROM ${this.documents} WHERE id IN (SELECT value FROM json_each(?))`, ids)
  }
}
