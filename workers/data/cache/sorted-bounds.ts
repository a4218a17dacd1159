import { compareText } from './order'
import { floatOf, ReplyError } from './reply'
import type { Scored } from './value'

/** Whether a member of a sorted set is in a range. */
export type Within = (item: Scored) => boolean

const badScore = () => new ReplyError('ERR min or max is not a float')
const badText = () => new ReplyError('ERR min or max not valid string range item')

/** How a score stands to a bound such as `5`, `(5` or `+inf`: whether it is above it, or on it when that counts. */
function scoreBound(text = ''): { score: number; isExclusive: boolean } {
  const isExclusive = text.startsWith('(')
  const score = isExclusive ? text.slice(1) : text
  // Redis reads no digits at all as 0 here, and only here.
  return { score: score === '' ? 0 : floatOf(score, badScore), isExclusive }
}

/** @throws ReplyError unless both are scores */
export function withinScores(least: string | undefined, most: string | undefined): Within {
  const [low, high] = [scoreBound(least), scoreBound(most)]
  return ([, score]) =>
    (low.isExclusive ? score > low.score : score >= low.score) && (high.isExclusive ? score < high.score : score <= high.score)
}

/** Compares a member with a bound such as `-`, `+`, `[a` or `(a`; 0 for one that is on it and counts. */
function textBound(text = '', outside: 1 | -1): (member: string) => number {
  if (text === '-') return () => 1
  if (text === '+') return () => -1
  const [first, bound] = [text[0], text.slice(1)]
  if (first !== '[' && first !== '(') throw badText()
  return (member) => compareText(member, bound) || (first === '(' ? outside : 0)
}

/** @throws ReplyError unless both are bounds of names */
export function withinNames(least: string | undefined, most: string | undefined): Within {
  const [low, high] = [textBound(least, -1), textBound(most, 1)]
  return ([member]) => low(member) >= 0 && high(member) <= 0
}
