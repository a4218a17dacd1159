/** The tables of the search index. An archived product keeps its row in `sources`, so that an older event does not bring it back. */
export const migrations = [
  `CREATE TABLE sources (
     id TEXT PRIMARY KEY, kind TEXT NOT NULL, version INTEGER NOT NULL, is_live INTEGER NOT NULL, title TEXT NOT NULL,
     seller TEXT, category TEXT, currency TEXT
   ) WITHOUT ROWID;
   CREATE TABLE chunks (id INTEGER PRIMARY KEY, source TEXT NOT NULL, place INTEGER NOT NULL, digest TEXT NOT NULL);
   CREATE UNIQUE INDEX chunks_by_source ON chunks (source, place);
   -- One row per chunk, under its id.
   CREATE VIRTUAL TABLE passages USING fts5(title, section, tags, body, tokenize = 'porter unicode61 remove_diacritics 2');
   -- The words of titles, headings and tags by their trigrams: one row per source, under the id of its first chunk.
   CREATE VIRTUAL TABLE spellings USING fts5(words, tokenize = 'trigram');
   CREATE TABLE prices (variant TEXT PRIMARY KEY, source TEXT NOT NULL, amount INTEGER NOT NULL) WITHOUT ROWID;
   CREATE INDEX prices_by_source ON prices (source);
   -- By variant and apart from products: news of stock comes by itself, and may come first.
   CREATE TABLE stock (variant TEXT PRIMARY KEY, availability TEXT NOT NULL, version INTEGER NOT NULL) WITHOUT ROWID;
   -- Which text of the articles is in the index, and which of them can be found by meaning.
   CREATE TABLE digests (name TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID`,
]
