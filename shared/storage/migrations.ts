/**
 * Brings a Durable Object's SQLite up to date. Migrations are append-only: each runs once, in order, all in one transaction.
 * Called in the constructor; the SQL is synchronous, so no request sees a half-migrated database.
 */
export function migrate(storage: DurableObjectStorage, migrations: readonly string[]): void {
  const { sql } = storage
  storage.transactionSync(() => {
    sql.exec('CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY)')
    const { done } = sql.exec<{ done: number }>('SELECT COALESCE(MAX(version), 0) AS done FROM migrations').one()
    migrations.slice(done).forEach((statement, index) => {
      sql.exec(statement)
      sql.exec('INSERT INTO migrations (version) VALUES (?)', done + index + 1)
    })
  })
}
