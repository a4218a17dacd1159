import type { Answer, AnswerPart, GenerationRequest } from '../context/answer-types'
import { citationOf, isProduct, shownProduct } from '../context/item-text'
import { spaced } from '../text/sentences'
import { extractivePlan } from './extractive-plan'
import type { Planner } from './model'
import { say } from './plan'
import { planByModel } from './plan-by-model'
import { render, type Sentence } from './render'

type Limits = {
  /** Aborted when the client leaves. */
  signal: AbortSignal
  /** Tokens that the user's share of the day still has. */
  modelBudget: number
}

/** Characters that an answer has at most: orders of a hundred things have more, and a conversation of such answers is no document. */
const longest = 12_000

/**
 * An answer, part by part: products first, then the words and, before its first mark, each item that they cite; at last all of it. A model
 * chooses what it says, where there is one; else, and when it fails, the program does. A model is never asked to choose what is said about
 * the cart being changed, nor where nothing was read.
 */
export async function* compose(
  { model, dependency }: Planner,
  request: GenerationRequest,
  limits: Limits,
): AsyncGenerator<AnswerPart, void> {
  const { items, cartAction } = request
  const products = items.filter(isProduct).map(shownProduct)
  for (const product of products) yield { type: 'product', product }

  const asked = cartAction === null && items.length > 0 ? model : null
  const chosen = asked && (await planByModel({ model: asked, dependency }, request, limits))
  const fallback = chosen?.fallback ?? null
  const sentences = upTo(longest, render(chosen?.plan ?? extractivePlan(request), items))
  const notice = fallback ? render(say(fallback), []) : []

  const cited = new Set<number>()
  let text = ''
  for (const sentence of [...sentences, ...notice]) {
    const item = items.find(({ n }) => n === sentence.n)
    if (item && !cited.has(item.n)) yield { type: 'citation', citation: citationOf(item) }
    if (item) cited.add(item.n)
    const token = spaced(sentence.text, text === '')
    text += token
    yield { type: 'token', text: token }
  }
  const answer: Answer = {
    ...{ text, products, fallback, modelTokens: chosen?.tokens ?? 0 },
    citations: items.filter(({ n }) => cited.has(n)).map(citationOf),
    generator: chosen?.plan ? (asked?.name ?? 'extractive') : 'extractive',
  }
  yield { type: 'done', answer }
}

/** The first sentences, as far as they have so many characters together; one in any case. */
function upTo(characters: number, sentences: readonly Sentence[]): Sentence[] {
  let length = 0
  return sentences.filter(({ text }, at) => {
    length += text.length
    return at === 0 || length <= characters
  })
}
