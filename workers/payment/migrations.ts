/** Append-only: each runs once, in order. */
export const migrations = [
  'CREATE TABLE intent (singleton INTEGER PRIMARY KEY CHECK (singleton = 1), body TEXT NOT NULL)',
  // What was asked under which idempotency key.
  'CREATE TABLE operations (key TEXT PRIMARY KEY, request TEXT NOT NULL)',
  // Webhooks not yet delivered, in the order of what happened.
  'CREATE TABLE webhooks (seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0)',
]
