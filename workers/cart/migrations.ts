/**
 * Append-only: each runs once, in order. A line is JSON because a cart is always read whole. The outbox counts by AUTOINCREMENT, so
 * that no position is given twice: what was sent is forgotten up to a position, and must never take something unsent along.
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
  // When the shopper was last there: a cart that nobody comes back to falls asleep.
  `ALTER TABLE cart ADD COLUMN visited_at INTEGER NOT NULL DEFAULT 0;`,
  // What is to be sent and what is to be handed over are due at times of their own.
  `ALTER TABLE outbox ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE handouts ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;`,
  // Changes under an Idempotency-Key, none of which is made twice.
  `CREATE TABLE attempts (id TEXT PRIMARY KEY, at INTEGER NOT NULL);`,
  // Somebody may have heard of an event whose sending was begun, so everybody is to.
  `ALTER TABLE outbox ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;`,
]
