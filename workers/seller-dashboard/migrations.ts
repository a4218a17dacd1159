/**
 * Append-only: each runs once, in order. `orders` and `views` have the ingested facts, `levels` and `statuses` every version, so that a
 * late event finds its place. Reads are answered from `totals` and `sums`. In `totals` all figures of a span are one row, since they are read
 * together and are a few hundred at most. `live` has the owner and the figures that their devices were shown.
 */
export const migrations = [
  `CREATE TABLE orders (order_id TEXT PRIMARY KEY, facts TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE views (event_id TEXT PRIMARY KEY) WITHOUT ROWID;
   CREATE TABLE products (product_id TEXT PRIMARY KEY, version INTEGER NOT NULL, title TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE variants (variant_id TEXT PRIMARY KEY, version INTEGER NOT NULL, title TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE statuses (
     product_id TEXT NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL, status TEXT NOT NULL,
     PRIMARY KEY (product_id, version)
   ) WITHOUT ROWID;
   CREATE INDEX statuses_by_time ON statuses (product_id, at);
   CREATE TABLE levels (
     variant_id TEXT NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL, availability TEXT NOT NULL, available INTEGER NOT NULL,
     PRIMARY KEY (variant_id, version)
   ) WITHOUT ROWID;
   CREATE INDEX levels_by_time ON levels (variant_id, at);
   CREATE TABLE stock (variant_id TEXT PRIMARY KEY, product_id TEXT NOT NULL, version INTEGER NOT NULL, low INTEGER NOT NULL) WITHOUT ROWID;
   CREATE INDEX stock_of_product ON stock (product_id);
   CREATE INDEX low_stock ON stock (variant_id) WHERE low = 1;
   CREATE TABLE totals (span INTEGER NOT NULL, at INTEGER NOT NULL, figures TEXT NOT NULL, PRIMARY KEY (span, at)) WITHOUT ROWID;
   CREATE TABLE sums (
     topic TEXT NOT NULL, span INTEGER NOT NULL, at INTEGER NOT NULL, figure TEXT NOT NULL, amount INTEGER NOT NULL,
     PRIMARY KEY (topic, span, at, figure)
   ) WITHOUT ROWID;
   CREATE TABLE live (
     only INTEGER PRIMARY KEY CHECK (only = 1), changed INTEGER NOT NULL, begun_at INTEGER NOT NULL, number INTEGER NOT NULL,
     shown TEXT, pending TEXT, attempts INTEGER NOT NULL, owner TEXT
   );
   INSERT INTO live VALUES (1, 0, 0, 0, NULL, NULL, 0, NULL);`,
  `UPDATE totals SET figures = replace(figures, '"viewsTold"', '"viewEvents"');`,
]
