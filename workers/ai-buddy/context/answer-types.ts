import type { Instant } from '../../../shared/contracts/ids'
import type { Deed, Intent, Read } from './context-item'

/** All that an answer is made of. */
export type Brief = {
  question: string
  /** What was said before, the oldest first; a few turns. */
  history: readonly { role: 'user' | 'assistant'; text: string }[]
  intent: Intent
  deed: Deed | null
  reads: readonly Read[]
  now: Instant
}

/** Words an answer. What it writes is checked against the reads before anybody is shown it. */
export type Generator = {
  name: 'extractive' | 'workers-ai' | 'openai'
  /** @throws AppError `unavailable` when whoever writes cannot */
  write(brief: Brief, signal: AbortSignal): AsyncIterable<Piece>
}

/** Text as it comes, or how many tokens all of it took, where that is told. */
export type Piece = string | { tokens: number }

/** What a device is sent of an answer, in this order but for citations and products, which come as soon as they are known. */
export type AnswerPart =
  | { type: 'citation'; citation: Citation }
  | { type: 'product'; product: ShownProduct }
  | { type: 'token'; text: string }
  | { type: 'done'; answer: Answer }

export type Citation = { n: number; kind: Read['kind']; id: string; title: string; url: string | null }
/** As it was read in this turn. */
export type ShownProduct = Pick<
  Extract<Read, { kind: 'product' }>,
  'productId' | 'variantId' | 'sellerId' | 'title' | 'unitPrice' | 'availability' | 'available'
>

export type Answer = {
  text: string
  citations: Citation[]
  products: ShownProduct[]
  generator: Generator['name']
  /** Why the model did not word it, where there is one: `unavailable`, `budget`, or `unsupported` when what it wrote was not in the reads. */
  fallback: 'unavailable' | 'budget' | 'unsupported' | null
  /** Tokens that the model took, counted by itself or from the length of text; 0 without one. */
  modelTokens: number
}
