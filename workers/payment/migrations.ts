/** Append-only: each runs once, in order. */
export const migrations = [
  'CREATE TABLE intent (singleton INTEGER PRIMARY KEY CHECK (singleton = 1), body TEXT NOT NULL)',
  // The request of each idempotency key.
  'CREATE TABLE operations (key TEXT PRIMARY KEY, request TEXT NOT NULL)',
  // Webhooks not yet delivered, in the order of their events.
  'CREATE TABLE webhooks (seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0)',
]
