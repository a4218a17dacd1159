/**
 * Append-only: each runs once, in order. A line is JSON because a cart is always read whole. The outbox numbers its rows by
 * AUTOINCREMENT, which never reuses a position: rows are deleted up to a position once they are sent, and no unsent row may be among them.
 */
export const migrations = [
  `CREATE TABLE cart (
     only INTEGER PRIMARY KEY CHECK (only = 1),
     user_id TEXT NOT NULL,
     version INTEGER NOT NULL,
     refresh_at INTEGER
   );
   CREATE TABLE lines (position INTEGER PRIMARY KEY AUTOINCREMENT, variant_id TEXT NOT NULL UNIQUE, line TEXT NOT NULL);
   CREATE TABLE outbox (position INTEGER PRIMARY KEY AUTOINCREMENT, envelope TEXT NOT NULL);
   CREATE TABLE checkouts (order_id TEXT PRIMARY KEY, at INTEGER NOT NULL);
   CREATE TABLE merges (merge_id TEXT PRIMARY KEY, refusal TEXT, at INTEGER NOT NULL);
   CREATE TABLE handouts (merge_id TEXT PRIMARY KEY, target_id TEXT NOT NULL, lines TEXT NOT NULL);`,
  // When the shopper last used the cart: an abandoned cart stops refreshing itself.
  `ALTER TABLE cart ADD COLUMN visited_at INTEGER NOT NULL DEFAULT 0;`,
  // Each event and each transfer is due at its own time.
  `ALTER TABLE outbox ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE handouts ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;`,
  // Changes under an Idempotency-Key, so that none is made twice.
  `CREATE TABLE attempts (id TEXT PRIMARY KEY, at INTEGER NOT NULL);`,
  // An interrupted send may have reached some subscribers, so the event must be sent again to reach all of them.
  `ALTER TABLE outbox ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;`,
  `ALTER TABLE handouts RENAME TO transfers;`,
]
