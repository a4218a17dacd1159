import type { CartAction, ContextItem, ItemOf } from './context-item'

/** What the user wants. It follows from their own words alone: nothing that was read has a say in it. */
export type Intent =
  | 'find_products'
  | 'ask_product'
  | 'ask_support'
  | 'see_orders'
  | 'see_cart'
  | 'add_to_cart'
  | 'confirm'
  | 'decline'
  | 'greet'
  | 'other'

/** Everything that an answer is made from. */
export type GenerationRequest = {
  question: string
  /** The last few messages before the question, the oldest first. */
  history: readonly { role: 'user' | 'assistant'; text: string }[]
  intent: Intent
  cartAction: CartAction | null
  items: readonly ContextItem[]
}

/** What a client is sent of an answer, in this order, except that a citation comes before the first text that it supports. */
export type AnswerPart =
  | { type: 'product'; product: ShownProduct }
  | { type: 'citation'; citation: Citation }
  | { type: 'token'; text: string }
  | { type: 'done'; answer: Answer }

export type Citation = { n: number; kind: ContextItem['kind']; id: string; title: string; url: string | null }
/** A product as it was read in this turn. */
export type ShownProduct = Pick<
  ItemOf<'product'>,
  'productId' | 'variantId' | 'sellerId' | 'title' | 'unitPrice' | 'availability' | 'available'
>

export type Answer = {
  text: string
  citations: Citation[]
  products: ShownProduct[]
  /** Who chose what the answer says: a model, or the program alone. */
  generator: 'extractive' | 'workers-ai' | 'openai'
  /** Why no model chose it, where there is one: `unsupported` when nothing that it chose is among the items. */
  fallback: 'unavailable' | 'budget' | 'unsupported' | null
  /** Tokens that the model took, as it counts them or estimated from the length of the text; 0 without one. */
  modelTokens: number
}
