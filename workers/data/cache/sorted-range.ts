import { setScore } from './changes'
import { ordered } from './order'
import { type Command, floatText, integerOf, ReplyError, slice, syntaxError } from './reply'
import { withinNames, withinScores } from './sorted-bounds'
import type { Store } from './store'
import { emptyValue, type Scored } from './value'

type By = 'rank' | 'score' | 'name'
type Options = { by: By; isReverse: boolean; withScores: boolean; offset: number; count: number }

/** What one of the range commands fixes by its name, or leaves to its options. */
type Form = { by?: By; isReverse?: boolean }

/** @throws ReplyError for an option that the command does not know */
function rangeOptions(words: readonly string[], { by, isReverse }: Form, isStored: boolean): Options {
  const options: Options = { by: by ?? 'rank', isReverse: isReverse ?? false, withScores: false, offset: 0, count: -1 }
  let isChosen = by !== undefined
  for (let at = 0; at < words.length; at++) {
    const word = words[at]?.toUpperCase()
    if (word === 'WITHSCORES' && !isStored) options.withScores = true
    else if (word === 'LIMIT' && at + 2 < words.length) {
      options.offset = integerOf(words[++at])
      options.count = integerOf(words[++at])
    } else if (word === 'REV' && isReverse === undefined) options.isReverse = true
    else if ((word === 'BYSCORE' || word === 'BYLEX') && !isChosen) {
      options.by = word === 'BYSCORE' ? 'score' : 'name'
      isChosen = true
    } else throw syntaxError()
  }
  if (options.count !== -1 && options.by === 'rank')
    throw new ReplyError('ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX')
  if (options.withScores && options.by === 'name')
    throw new ReplyError('ERR syntax error, WITHSCORES not supported in combination with BYLEX')
  return options
}

function select(store: Store, [key = '', start, stop]: string[], { by, isReverse, offset, count }: Options): readonly Scored[] {
  const all = () => ordered(store.get(key, 'zset'))
  if (by === 'rank') {
    const [from, to] = [integerOf(start), integerOf(stop)]
    return isReverse ? slice(all(), -1 - to, -1 - from).reverse() : slice(all(), from, to)
  }
  const [least, most] = isReverse ? [stop, start] : [start, stop]
  const within = by === 'score' ? withinScores(least, most) : withinNames(least, most)
  const found = all().filter(within)
  if (offset < 0) return []
  return (isReverse ? found.reverse() : found).slice(offset, count < 0 ? undefined : offset + count)
}

export function scoredReply(items: readonly Scored[], withScores: boolean): string[] {
  return items.flatMap(([member, score]) => (withScores ? [member, floatText(score)] : [member]))
}

export function range(form: Form): Command {
  return (store, [key = '', start = '', stop = '', ...words]) => {
    const options = rangeOptions(words, form, false)
    return scoredReply(select(store, [key, start, stop], options), options.withScores)
  }
}

export function zrangestore(store: Store, [into = '', key = '', start = '', stop = '', ...words]: string[]): number {
  const found = select(store, [key, start, stop], rangeOptions(words, {}, true))
  return putScored(store, into, found)
}

/** Makes scored members the whole of a key; none of them removes it. Returns how many there are. */
export function putScored(store: Store, key: string, items: Iterable<Scored>): number {
  const zset = emptyValue('zset')
  for (const [member, score] of items) setScore(zset, member, score)
  store.put(key, zset)
  return zset.scores.size
}
