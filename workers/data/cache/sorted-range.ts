import { floatOf, floatText, integerOf, ReplyError, slice, syntaxError } from './reply'
import type { Store } from './store'

type Scored = [member: string, score: number]
type Bound = { score: number; exclusive: boolean }
type Options = { byScore: boolean; reverse: boolean; withScores: boolean; limit?: { offset: number; count: number } }

/** Members by score, and among equals by name. */
function sorted(store: Store, key: string): Scored[] {
  const scores = store.get(key, 'zset')?.scores ?? new Map<string, number>()
  return [...scores].sort(([left, a], [right, b]) => (a === b ? (left < right ? -1 : 1) : a < b ? -1 : 1))
}

export function scoreRange(least: string | undefined, most: string | undefined): { least: Bound; most: Bound } {
  return { least: boundOf(least), most: boundOf(most) }
}

function boundOf(text = ''): Bound {
  const exclusive = text.startsWith('(')
  try {
    return { score: floatOf(exclusive ? text.slice(1) : text), exclusive }
  } catch (error) {
    if (error instanceof ReplyError) throw new ReplyError('ERR min or max is not a float')
    throw error
  }
}

export function byScore(store: Store, key: string, { least, most }: { least: Bound; most: Bound }): Scored[] {
  return sorted(store, key).filter(
    ([, score]) =>
      (least.exclusive ? score > least.score : score >= least.score) &&
      (most.exclusive ? score < most.score : score <= most.score),
  )
}

/** @throws ReplyError for an option the command does not know */
export function rangeOptions(words: readonly string[], known: readonly string[]): Options {
  const options: Options = { byScore: false, reverse: false, withScores: false }
  for (let at = 0; at < words.length; at++) {
    const word = words[at]?.toUpperCase() ?? ''
    if (!known.includes(word)) throw syntaxError()
    if (word === 'BYSCORE') options.byScore = true
    if (word === 'REV') options.reverse = true
    if (word === 'WITHSCORES') options.withScores = true
    if (word !== 'LIMIT') continue
    if (at + 2 >= words.length) throw syntaxError()
    options.limit = { offset: integerOf(words[at + 1]), count: integerOf(words[at + 2]) }
    at += 2
  }
  return options
}

/** A reply of members in their final order, cut and with scores as asked. A negative count means all. */
export function ranged(found: readonly Scored[], { limit, withScores }: Options): string[] {
  const { offset, count } = limit ?? { offset: 0, count: -1 }
  const page = offset < 0 ? [] : found.slice(offset, count < 0 ? undefined : offset + count)
  return page.flatMap(([member, score]) => (withScores ? [member, floatText(score)] : [member]))
}

export function zrange(store: Store, [key = '', start, stop, ...words]: string[]): string[] {
  const options = rangeOptions(words, ['BYSCORE', 'REV', 'WITHSCORES', 'LIMIT'])
  if (options.byScore) {
    const found = byScore(store, key, options.reverse ? scoreRange(stop, start) : scoreRange(start, stop))
    return ranged(options.reverse ? found.reverse() : found, options)
  }
  if (options.limit !== undefined) {
    throw new ReplyError('ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX')
  }
  const [from, to] = [integerOf(start), integerOf(stop)]
  const all = sorted(store, key)
  return ranged(slice(options.reverse ? all.reverse() : all, from, to), options)
}
