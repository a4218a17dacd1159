import { invalid } from './value'

/** @throws AppError `data_invalid` for a name that MongoDB or this engine would not take */
export function checkName(name: unknown, what: 'database' | 'collection'): asserts name is string {
  if (typeof name !== 'string' || !/^[A-Za-z][A-Za-z0-9_.-]{0,99}$/.test(name)) {
    throw invalid(`A ${what} is named by a letter, then at most 99 letters, digits, _ . or -`)
  }
}

/** The quoted SQL name of a collection's table. SQLite ignores case in names and MongoDB does not, so capitals are marked. */
export function tableName(kind: 'documents' | 'entries', collection: string): string {
  return `"${kind}:${collection.replace(/[A-Z]/g, (letter) => `^${letter.toLowerCase()}`)}"`
}

/** A string as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
