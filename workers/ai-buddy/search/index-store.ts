import type { Availability } from '../../../shared/contracts/facts'
import { nearest, splitsOf, trigramsOf } from '../text/spelling'
import { meaningsOf } from '../text/synonyms'
import { keywordsOf, wordsOf } from '../text/tokens'
import { bestOfEach } from './fusion'
import { anyOf } from './match-expression'
import type { Hit, SearchFilters, Source } from './passage'

/** How much more a word counts in the title, in a heading and among the tags than in the text: BM25's weights, in that order. */
const weights = [3, 3, 2, 1]
/** How many passages are ranked for one question, and how many sources are returned. */
const maxHits = 200
const maxSources = 50
/** How many titles are searched for the word that a misspelt one may mean. */
const maxSpellings = 40
/** How many unknown words of a question are corrected, and up to which length: one object compares each with much of the catalogue. */
const maxCorrected = 4
const longestCorrected = 20

/** Replaces what is stored of a source. Returns whether it did: a newer version stays. */
export function put(sql: SqlStorage, source: Source): boolean {
  const { id, kind, version, title, seller, category, currency } = source
  const taken = sql.exec(
    `INSERT INTO sources (id, kind, version, is_live, title, seller, category, currency) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET version = excluded.version, is_live = excluded.is_live, title = excluded.title,
       seller = excluded.seller, category = excluded.category, currency = excluded.currency
     WHERE excluded.version >= sources.version
     RETURNING id`,
    ...[id, kind, version, source.chunks.length > 0 ? 1 : 0, title, seller, category, currency],
  )
  if (taken.toArray().length === 0) return false
  clear(sql, id)
  const tags = source.tags.join(' ')
  source.chunks.forEach(({ section, text, digest }, place) => {
    const chunk = sql
      .exec<{ id: number }>('INSERT INTO chunks (source, place, digest) VALUES (?, ?, ?) RETURNING id', ...[id, place, digest])
      .one().id
    sql.exec(
      'INSERT INTO passages (rowid, title, section, tags, body) VALUES (?, ?, ?, ?, ?)',
      ...[chunk, title, section ?? '', tags, text],
    )
    if (place > 0) return
    const headings = source.chunks.map((each) => each.section ?? '')
    const words = new Set(wordsOf([title, tags, ...headings].join(' ')))
    sql.exec('INSERT INTO spellings (rowid, words) VALUES (?, ?)', chunk, [...words].join(' '))
  })
  for (const { id: variant, amount, availability } of source.variants) {
    sql.exec('INSERT INTO prices (variant, source, amount) VALUES (?, ?, ?)', variant, id, amount)
    recordStock(sql, variant, availability, 0)
  }
  return true
}

function clear(sql: SqlStorage, source: string): void {
  for (const { id } of sql.exec<{ id: number }>('SELECT id FROM chunks WHERE source = ?', source).toArray()) {
    sql.exec('DELETE FROM passages WHERE rowid = ?', id)
    sql.exec('DELETE FROM spellings WHERE rowid = ?', id)
  }
  sql.exec('DELETE FROM chunks WHERE source = ?', source)
  sql.exec('DELETE FROM prices WHERE source = ?', source)
}

/** Removes the sources of a kind except those named. */
export function keepOnly(sql: SqlStorage, kind: Source['kind'], ids: readonly string[]): void {
  const rest = sql.exec<{ id: string }>(
    'SELECT id FROM sources WHERE kind = ? AND id NOT IN (SELECT value FROM json_each(?))',
    ...[kind, JSON.stringify(ids)],
  )
  for (const { id } of rest.toArray()) {
    clear(sql, id)
    sql.exec('DELETE FROM sources WHERE id = ?', id)
  }
}

/** Records a variant's availability, unless a newer one is known. A product's page has no version of it: any event is newer. */
export function recordStock(sql: SqlStorage, variant: string, availability: Availability, version: number): void {
  sql.exec(
    `INSERT INTO stock (variant, availability, version) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET availability = excluded.availability, version = excluded.version
     WHERE excluded.version >= stock.version`,
    ...[variant, availability, version],
  )
}

/** The version of a source that is stored; 0 when none is. */
export const versionOf = (sql: SqlStorage, id: string): number =>
  sql.exec<{ version: number }>('SELECT version FROM sources WHERE id = ?', id).toArray()[0]?.version ?? 0

const columns = `c.source, c.digest, s.kind, s.title, s.seller, s.category,
  NULLIF(passages.section, '') AS section, passages.body AS text`
const tables = 'passages JOIN chunks c ON c.id = passages.rowid JOIN sources s ON s.id = c.source'

/**
 * The passages that have words of the question, the best first: one ranking by these words, and a second by their synonyms as well. Two,
 * because a passage that has three synonyms of one word would otherwise come before one that has the words of the question.
 */
export function find(sql: SqlStorage, question: string, filters: SearchFilters): Hit[][] {
  let corrected = 0
  const words = keywordsOf(question).flatMap((word) => {
    if (meaningsOf(word).length > 1 || isKnown(sql, word)) return [word]
    if (word.length > longestCorrected || corrected >= maxCorrected) return []
    corrected += 1
    return correctionsOf(sql, word)
  })
  const wider = words.flatMap(meaningsOf)
  return (wider.length > words.length ? [words, wider] : [words]).map((each) => matching(sql, each, filters))
}

function matching(sql: SqlStorage, words: readonly string[], filters: SearchFilters): Hit[] {
  const expression = anyOf(words)
  if (expression === null) return []
  const { condition, values } = narrowed(filters)
  const hits = sql.exec<Hit>(
    `SELECT ${columns} FROM ${tables} WHERE passages MATCH ? AND ${condition}
     ORDER BY bm25(passages, ${weights.join(', ')}), passages.rowid LIMIT ${maxHits}`,
    ...[expression, ...values],
  )
  return bestOfEach(hits.toArray()).slice(0, maxSources)
}

/** The passages of these keys, in that order, but for those that are gone or filtered out. */
export function byKeys(sql: SqlStorage, keys: readonly string[], filters: SearchFilters): Hit[] {
  const { condition, values } = narrowed(filters)
  return sql
    .exec<Hit>(
      `SELECT ${columns} FROM json_each(?) asked
       JOIN chunks c ON c.source = substr(asked.value, 1, instr(asked.value, '#') - 1)
         AND c.place = CAST(substr(asked.value, instr(asked.value, '#') + 1) AS INTEGER)
       JOIN passages ON passages.rowid = c.id JOIN sources s ON s.id = c.source
       WHERE ${condition} ORDER BY asked.key`,
      ...[JSON.stringify(keys), ...values],
    )
    .toArray()
}

/** The words that an unknown word may mean: two that were written as one, else those that are spelt alike. */
function correctionsOf(sql: SqlStorage, word: string): string[] {
  const parts = splitsOf(word).find((split) => split.every((part) => isKnown(sql, part)))
  if (parts) return parts
  const trigrams = anyOf(trigramsOf(word))
  if (trigrams === null) return []
  const alike = sql.exec<{ words: string }>(
    `SELECT words FROM spellings WHERE spellings MATCH ? ORDER BY rank LIMIT ${maxSpellings}`,
    trigrams,
  )
  const known = alike.toArray().flatMap(({ words }) => words.split(' '))
  return nearest(word, known)
}

const isKnown = (sql: SqlStorage, word: string): boolean =>
  sql.exec('SELECT 1 FROM passages WHERE passages MATCH ? LIMIT 1', anyOf([word])).toArray().length > 0

/** Filters as SQL over `s`. All but the kind apply to products alone; one variant must satisfy both price and stock. */
function narrowed({ kinds, category, sellerId, minPrice, maxPrice, currency, inStock }: SearchFilters): {
  condition: string
  values: (string | number)[]
} {
  const product: [string, ...(string | number)[]][] = []
  if (category !== undefined) product.push(['s.category = ?', category])
  if (sellerId !== undefined) product.push(['s.seller = ?', sellerId])
  if (currency !== undefined) product.push(['s.currency = ?', currency])
  const variant: [string, ...(string | number)[]][] = []
  if (minPrice !== undefined) variant.push(['p.amount >= ?', minPrice])
  if (maxPrice !== undefined) variant.push(['p.amount <= ?', maxPrice])
  if (inStock) variant.push(["EXISTS (SELECT 1 FROM stock WHERE stock.variant = p.variant AND stock.availability <> 'out')"])
  if (variant.length > 0) {
    const each = variant.map(([condition]) => condition).join(' AND ')
    product.push([`EXISTS (SELECT 1 FROM prices p WHERE p.source = s.id AND ${each})`, ...variant.flatMap(([, ...rest]) => rest)])
  }
  const isProduct = product.map(([condition]) => condition).join(' AND ')
  const values = product.flatMap(([, ...rest]) => rest)
  const ofKind = kinds && 's.kind IN (SELECT value FROM json_each(?))'
  return {
    condition: [ofKind ?? 'TRUE', isProduct ? `(s.kind <> 'product' OR (${isProduct}))` : 'TRUE'].join(' AND '),
    values: [...(kinds ? [JSON.stringify(kinds)] : []), ...values],
  }
}
