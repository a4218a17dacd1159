import { createHash } from 'node:crypto'
import { texts } from './articles/all'
import { chunksOf } from './chunks'
import type { Source } from './passage'

export type Article = {
  /** Its name, which is its id: `/help/<name>`. */
  id: string
  title: string
  url: string
  /** The files of this repository and the routes that it describes. */
  sources: string[]
  sections: { heading: string | null; text: string }[]
}

/** Reads an article: front matter of lines `name: value`, then Markdown whose `##` headings begin sections. */
function articleFrom(text: string): Article {
  const [, head = '', body = ''] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/u.exec(text) ?? []
  const field = (name: string): string => new RegExp(`^${name}: (.+)$`, 'mu').exec(head)?.[1]?.trim() ?? ''
  const sections = body.split(/^## /mu).map((section, index) => {
    const [heading = '', ...rest] = section.split('\n')
    return index === 0 ? { heading: null, text: section.trim() } : { heading: heading.trim(), text: rest.join('\n').trim() }
  })
  const url = field('url')
  return {
    id: url.replace('/help/', ''),
    title: field('title'),
    url,
    sources: field('sources').split(', '),
    sections: sections.filter((section) => section.text !== ''),
  }
}

/** The support articles of this version of the Worker. */
export const articles: readonly Article[] = texts.map(articleFrom)

/** Changes whenever the text of an article changes. */
export const articlesDigest = createHash('sha256').update(JSON.stringify(texts)).digest('base64url')

/** An article as the index stores it. Its version never changes: the text that comes with the running code is the newest. */
export const articleSource = ({ id, title, sections }: Article): Source => ({
  ...{ kind: 'article', id, version: 1, title, tags: [], seller: null, category: null, currency: null, variants: [] },
  chunks: sections.flatMap(({ heading, text }) => chunksOf(text, heading)),
})

/** Where an article is shown; null when there is no such article. */
export const articleUrl = (id: string): string | null => articles.find((article) => article.id === id)?.url ?? null
