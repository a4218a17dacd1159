import { DurableObject } from 'cloudflare:workers'
import type { Availability } from '../../../shared/contracts/facts'
import type { VariantId } from '../../../shared/contracts/ids'
import { migrate } from '../../../shared/storage/migrations'
import { articleSource, articles, articlesDigest } from './articles'
import { byKeys, find, type Hit, keepOnly, noteStock, put, type Source, versionOf } from './index-store'
import { migrations } from './migrations'
import type { SearchFilters } from './retrieval'

/** What is asked of the object named `index`. */
export type SearchIndex = {
  /** Returns whether it was taken: something newer of the same source is not overwritten. */
  put(source: Source): Promise<boolean>
  noteStock(variantId: VariantId, availability: Availability, version: number): Promise<void>
  /** 0 for what was never there. */
  versionOf(id: string): Promise<number>
  /** The passages with words of the question, in one or two rankings, the best first. */
  find(question: string, filters: SearchFilters): Promise<Hit[][]>
  /** The passages of these keys, in that order, but for those that are gone or filtered out. */
  byKeys(keys: string[], filters: SearchFilters): Promise<Hit[]>
  /** Which text of the articles is found by meaning; null when none is. */
  embedded(): Promise<string | null>
  noteEmbedded(digest: string): Promise<void>
}

/**
 * The index of words over products and articles: one object, in SQLite's own full-text engine, so that it is as durable as any table and
 * a change of a product writes that product alone.
 */
export class SearchIndexDO extends DurableObject<AiBuddyEnv> implements SearchIndex {
  constructor(ctx: DurableObjectState, env: AiBuddyEnv) {
    super(ctx, env)
    migrate(ctx.storage, migrations)
  }

  async put(source: Source): Promise<boolean> {
    return this.ctx.storage.transactionSync(() => put(this.ctx.storage.sql, source))
  }

  async noteStock(variantId: VariantId, availability: Availability, version: number): Promise<void> {
    noteStock(this.ctx.storage.sql, variantId, availability, version)
  }

  async versionOf(id: string): Promise<number> {
    return versionOf(this.ctx.storage.sql, id)
  }

  async find(question: string, filters: SearchFilters): Promise<Hit[][]> {
    this.#takeInArticles()
    return find(this.ctx.storage.sql, question, filters)
  }

  async byKeys(keys: string[], filters: SearchFilters): Promise<Hit[]> {
    return byKeys(this.ctx.storage.sql, keys, filters)
  }

  async embedded(): Promise<string | null> {
    return this.#digest('embedded')
  }

  async noteEmbedded(digest: string): Promise<void> {
    this.#note('embedded', digest)
  }

  /** Articles come with the code: an index that has others than this code's takes these in, in one transaction. */
  #takeInArticles(): void {
    if (this.#digest('articles') === articlesDigest) return
    const { sql } = this.ctx.storage
    this.ctx.storage.transactionSync(() => {
      keepOnly(
        sql,
        'article',
        articles.map(({ id }) => id),
      )
      for (const article of articles) put(sql, articleSource(article))
      this.#note('articles', articlesDigest)
    })
  }

  #digest(name: string): string | null {
    const rows = this.ctx.storage.sql.exec<{ digest: string }>('SELECT digest FROM digests WHERE name = ?', name)
    return rows.toArray()[0]?.digest ?? null
  }

  #note(name: string, digest: string): void {
    this.ctx.storage.sql.exec(
      'INSERT INTO digests (name, digest) VALUES (?, ?) ON CONFLICT DO UPDATE SET digest = excluded.digest',
      name,
      digest,
    )
  }
}
