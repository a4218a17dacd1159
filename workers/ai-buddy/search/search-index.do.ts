import { DurableObject } from 'cloudflare:workers'
import type { Availability } from '../../../shared/contracts/facts'
import type { VariantId } from '../../../shared/contracts/ids'
import { migrate } from '../../../shared/storage/migrations'
import { articleSource, articles, articlesDigest } from './articles'
import { byKeys, find, keepOnly, put, recordStock, versionOf } from './index-store'
import { migrations } from './migrations'
import type { Hit, SearchFilters, Source } from './passage'

/** What the object named `index` may be asked. */
export type SearchIndex = Omit<SearchIndexDO, keyof DurableObject>

/**
 * The index of words over products and articles: one object, in SQLite's own full-text engine, so that it is as durable as any table and
 * a change of a product writes that product alone.
 */
export class SearchIndexDO extends DurableObject<AiBuddyEnv> {
  constructor(ctx: DurableObjectState, env: AiBuddyEnv) {
    super(ctx, env)
    migrate(ctx.storage, migrations)
  }

  /** Returns whether it was stored: a newer version of the same source is not overwritten. */
  async put(source: Source): Promise<boolean> {
    return this.ctx.storage.transactionSync(() => put(this.ctx.storage.sql, source))
  }

  async recordStock(variantId: VariantId, availability: Availability, version: number): Promise<void> {
    recordStock(this.ctx.storage.sql, variantId, availability, version)
  }

  /** 0 for what was never stored. */
  async versionOf(id: string): Promise<number> {
    return versionOf(this.ctx.storage.sql, id)
  }

  /** The passages with words of the question, in one or two rankings, each the best first. */
  async find(question: string, filters: SearchFilters): Promise<Hit[][]> {
    this.#loadArticles()
    return find(this.ctx.storage.sql, question, filters)
  }

  /** The passages of these keys, in that order, but for those that are gone or filtered out. */
  async byKeys(keys: string[], filters: SearchFilters): Promise<Hit[]> {
    return byKeys(this.ctx.storage.sql, keys, filters)
  }

  /** The digest of the articles that are found by meaning; null when none are. */
  async embedded(): Promise<string | null> {
    return this.#digest('embedded')
  }

  async recordEmbedded(digest: string): Promise<void> {
    this.#recordDigest('embedded', digest)
  }

  /** Articles come with the code: an index that has other texts than this code's replaces them, in one transaction. */
  #loadArticles(): void {
    if (this.#digest('articles') === articlesDigest) return
    const { sql } = this.ctx.storage
    this.ctx.storage.transactionSync(() => {
      keepOnly(
        sql,
        'article',
        articles.map(({ id }) => id),
      )
      for (const article of articles) put(sql, articleSource(article))
      this.#recordDigest('articles', articlesDigest)
    })
  }

  #digest(name: string): string | null {
    const rows = this.ctx.storage.sql.exec<{ digest: string }>('SELECT digest FROM digests WHERE name = ?', name)
    return rows.toArray()[0]?.digest ?? null
  }

  #recordDigest(name: string, digest: string): void {
    this.ctx.storage.sql.exec(
      'INSERT INTO digests (name, digest) VALUES (?, ?) ON CONFLICT DO UPDATE SET digest = excluded.digest',
      name,
      digest,
    )
  }
}
