import type { CircuitBreaker } from '../../../shared/runtime/circuit-breaker'
import type { Answer, AnswerPart, Brief, Generator } from '../context/answer-types'
import { citationOf, isProduct, shownProduct } from '../context/labels'
import { spaced } from '../text/sentences'
import { notices } from './copy'
import { promptLength } from './prompt'
import { sentencesFrom } from './render'
import { wordBy } from './wording'

export type Writing = {
  /** null where answers are composed of the reads alone. */
  generator: Generator | null
  /** What the generator asks, so that it is left alone when it does not answer. */
  model: CircuitBreaker
}

type Limits = {
  /** Aborted when nobody listens any more. */
  signal: AbortSignal
  /** Tokens that the user's share of the day still has. */
  modelBudget: number
}

/** Characters per token where a model does not tell what it took: few, as data in JSON takes more tokens than prose. */
const charactersPerToken = 3
/** What an answer may take besides what is asked. */
const answerTokens = 400
/** Characters that an answer has at most: orders of a hundred things have more, and a conversation of such answers would be no document. */
const longest = 12_000

/**
 * Words an answer from what was read: products first, then the words and, before its first mark, each read they are from; at last all of
 * it. What a model writes is sent sentence by sentence once the reads carry it; at the first that they do not, or when the model fails,
 * the answer is composed of the reads instead, and the text of `done` replaces what was sent. What somebody did or would do is never left
 * to a model to word, nor is an answer to which nothing was read.
 */
export async function* compose(
  { generator, model }: Writing,
  brief: Brief,
  { signal, modelBudget }: Limits,
): AsyncGenerator<AnswerPart, void> {
  const products = brief.reads.filter(isProduct).map(shownProduct)
  for (const product of products) yield { type: 'product', product }

  const cited = new Set<number>()
  let fallback: Answer['fallback'] = null
  let modelTokens = 0
  let said: string[] = []
  const asked = brief.deed === null && brief.reads.length > 0 ? generator : null
  const asking = asked ? Math.ceil(promptLength(brief) / charactersPerToken) : 0
  if (asked && asking + answerTokens > modelBudget) fallback = 'budget'
  else if (asked) {
    const wording = wordBy(asked, model, brief, signal)
    let next = await wording.next()
    for (; !next.done; next = await wording.next()) {
      const piece = spaced(next.value, said.length === 0)
      said.push(piece)
      yield* told(piece, brief, cited)
    }
    fallback = next.value.fallback
    modelTokens = next.value.told ?? asking + Math.ceil(next.value.written / charactersPerToken)
  }

  const isModels = asked !== null && fallback === null
  if (!isModels) {
    if (said.length > 0) yield { type: 'token', text: '\n\n' }
    const sentences = [...upTo(longest, sentencesFrom(brief)), ...(fallback ? [`\n${notices[fallback]}`] : [])]
    said = sentences.map((sentence, at) => spaced(sentence, at === 0))
    for (const piece of said) yield* told(piece, brief, cited)
  }
  const text = said.join('')
  const marks = marksOf(text)
  yield {
    type: 'done',
    answer: {
      text,
      citations: brief.reads.filter(({ n }) => marks.has(n)).map(citationOf),
      products,
      generator: isModels ? asked.name : 'extractive',
      fallback,
      modelTokens,
    },
  }
}

/** The first sentences, as far as they have so many characters together; one in any case. */
function upTo(characters: number, sentences: readonly string[]): string[] {
  let length = 0
  return sentences.filter((sentence, at) => {
    length += sentence.length
    return at === 0 || length <= characters
  })
}

/** A piece of text, and before it what it cites for the first time. */
function* told(text: string, { reads }: Brief, cited: Set<number>): Iterable<AnswerPart> {
  for (const n of marksOf(text)) {
    const read = cited.has(n) ? undefined : reads.find((known) => known.n === n)
    cited.add(n)
    if (read) yield { type: 'citation', citation: citationOf(read) }
  }
  yield { type: 'token', text }
}

const marksOf = (text: string): Set<number> => new Set([...text.matchAll(/\[(\d{1,3})\]/g)].map(([, n]) => Number(n)))
