/** The tables of one user's live sessions. `at` is when the row was written, epoch milliseconds. */
export const migrations = [
  `CREATE TABLE frames (seq INTEGER PRIMARY KEY, type TEXT NOT NULL, time TEXT NOT NULL, data TEXT NOT NULL, at INTEGER NOT NULL);
   -- The newest number ever assigned, which outlives the frames.
   CREATE TABLE counter (newest INTEGER NOT NULL);
   INSERT INTO counter (newest) VALUES (0);
   -- Keys of frames that were pushed, so that a redelivered event pushes none.
   CREATE TABLE pushed (key TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
   -- The newest version pushed of each cart and order.
   CREATE TABLE versions (subject TEXT PRIMARY KEY, version INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE spent (nonce TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE revoked (session TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID`,
  // One row, from the first device that connects. A user who has frames has had a device.
  `CREATE TABLE opened (at INTEGER NOT NULL);
   INSERT INTO opened (at) SELECT 0 FROM counter WHERE newest > 0`,
  // Frames up to `lost` are deleted; of later ones, only those whose content is in a newer frame's `whole`.
  `ALTER TABLE counter ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;
   UPDATE counter SET lost = COALESCE((SELECT MIN(seq) - 1 FROM frames), newest);
   ALTER TABLE frames ADD COLUMN whole INTEGER NOT NULL DEFAULT 0;
   CREATE INDEX frames_whole ON frames (type) WHERE whole = 1`,
]
