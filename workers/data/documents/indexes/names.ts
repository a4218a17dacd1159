/** The quoted SQL name of a collection's table. SQLite ignores case in names and MongoDB does not, so capitals are marked. */
export function tableName(kind: 'documents' | 'entries', collection: string): string {
  return `"${kind}:${collection.replace(/[A-Z]/g, (letter) => `^${letter.toLowerCase()}`)}"`
}

/** Any text as an SQL name. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A string as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
