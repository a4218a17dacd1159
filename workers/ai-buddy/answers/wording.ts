import { AppError } from '../../../shared/contracts/errors'
import type { CircuitBreaker } from '../../../shared/runtime/circuit-breaker'
import { logger } from '../../../shared/runtime/logger'
import type { Answer, Brief, Generator, Piece } from '../context/answer-types'
import { findUnsupported } from '../grounding/claims'
import { takeSentence } from '../text/sentences'

/** What became of asking a model. */
export type Worded = {
  /** Those that the reads carry, in their order. */
  sentences: string[]
  /** How many tokens it told that it took, if it did. */
  told: number | null
  /** How much it wrote, in characters. */
  written: number
  fallback: Exclude<Answer['fallback'], 'budget'>
}

/** The most that is taken of a model, and of one sentence, in characters: what goes on after that says nothing more. */
const longest = { text: 4_000, sentence: 1_000 } as const

/**
 * Has a model word an answer and gives each sentence as soon as the reads carry it. Ends at the first that they do not, and when the
 * model fails, is left alone, or is too slow: `fallback` says so.
 */
export async function* wordBy(
  generator: Generator,
  model: CircuitBreaker,
  brief: Brief,
  signal: AbortSignal,
): AsyncGenerator<string, Worded> {
  const worded: Worded = { sentences: [], told: null, written: 0, fallback: null }
  const unsupported = (why: string): Worded => {
    // Without its words, which may be what somebody told of themselves.
    logger.info('what the model wrote is not in the reads', { why: why.replace(/^(the (?:figure|state|words)) .*/su, '$1') })
    return { ...worded, fallback: 'unsupported' }
  }
  let text = ''
  try {
    for await (const piece of readPieces(generator, model, brief, signal)) {
      if (typeof piece !== 'string') worded.told = piece.tokens
      else {
        worded.written += piece.length
        text += piece
      }
      for (let next = takeSentence(text); next; next = takeSentence(text)) {
        text = next.rest
        const why = judge(next.sentence, brief)
        if (why !== null) return unsupported(why)
        if (isNew(next.sentence, worded.sentences)) yield plainly(next.sentence)
      }
      if (text.length > longest.sentence) return unsupported('a sentence without an end')
      if (worded.written > longest.text) return worded
    }
  } catch (error) {
    // Whoever asked may have gone: that is no fault of the model.
    if (!signal.aborted && !AppError.is(error, 'unavailable')) logger.warn('the model failed', { error })
    return { ...worded, fallback: 'unavailable' }
  }
  const why = judge(text, brief)
  if (why !== null) return unsupported(why)
  if (isNew(text, worded.sentences)) yield plainly(text)
  // Politeness that cites nothing, or nothing at all, answers nothing.
  return worded.sentences.some((sentence) => /\[\d/.test(sentence)) ? worded : unsupported('nothing cited')
}

/** Without the emphasis that models like and nobody asked for; a line break before it stays. */
const plainly = (raw: string): string =>
  `${/^\s*\n/.test(raw) ? '\n' : ''}${raw
    .normalize('NFKC')
    .replaceAll(/\*\*|__/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim()}`

function judge(raw: string, brief: Brief): string | null {
  const sentence = plainly(raw).trim()
  if (sentence === '') return null
  return findUnsupported(sentence, brief)
}

/** Adds a sentence unless it is there or empty: models may go round in circles. */
function isNew(raw: string, sentences: string[]): boolean {
  const sentence = plainly(raw)
  if (sentence.trim() === '' || sentences.some((known) => known.trim() === sentence.trim())) return false
  sentences.push(sentence)
  return true
}

/**
 * The pieces as they come, from within one call of the dependency: it counts as failed when the stream fails or does not end in time, and
 * as well when nobody wants more of it.
 */
async function* readPieces(generator: Generator, model: CircuitBreaker, brief: Brief, signal: AbortSignal): AsyncGenerator<Piece> {
  const pieces: Piece[] = []
  let wake = () => {}
  let ended: { error?: unknown } | undefined
  const stop = new AbortController()
  const stopped = new Promise<void>((resolve) => {
    stop.signal.addEventListener('abort', () => resolve(), { once: true })
    if (signal.aborted) stop.abort()
    signal.addEventListener('abort', () => stop.abort(), { once: true })
  })
  const pump = async (tooLate: AbortSignal) => {
    for await (const piece of generator.write(brief, AbortSignal.any([tooLate, stop.signal]))) {
      if (stop.signal.aborted) return
      pieces.push(piece)
      wake()
    }
  }
  const end = (how: { error?: unknown }) => {
    ended = how
    wake()
  }
  const running = model
    .run((tooLate) => Promise.race([stopped, pump(tooLate)]))
    .then(
      () => end({}),
      (error: unknown) => end({ error }),
    )
  try {
    while (true) {
      for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) yield piece
      if (ended) break
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    if (signal.aborted) throw new AppError('unavailable')
    if ('error' in ended) throw ended.error
  } finally {
    stop.abort()
    await running
  }
}
