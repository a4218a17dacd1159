import { setScore } from './changes'
import { ordered } from './order'
import { type Command, type Commands, countOf, floatOf, integerOf, ReplyError, syntaxError, wrongType } from './reply'
import { putScored, scoredReply } from './sorted-range'
import type { Store } from './store'
import { emptyValue } from './value'

type Scores = ReadonlyMap<string, number>
type How = 'union' | 'inter' | 'diff'
type Takes = { how: How; options: readonly ('WEIGHTS' | 'AGGREGATE' | 'WITHSCORES' | 'LIMIT')[] }
type Request = {
  sources: Scores[]
  weights: number[]
  aggregate: (left: number, right: number) => number
  withScores: boolean
  limit: number
}

const aggregates: Record<string, Request['aggregate']> = {
  /** Opposite infinities make 0, as in Redis. */
  SUM: (left, right) => orZero(left + right),
  MIN: Math.min,
  MAX: Math.max,
}

const orZero = (value: number) => (Number.isNaN(value) ? 0 : value)

export const sortedCombinations: Commands = {
  zunion: [-3, combine({ how: 'union', options: ['WEIGHTS', 'AGGREGATE', 'WITHSCORES'] })],
  zinter: [-3, combine({ how: 'inter', options: ['WEIGHTS', 'AGGREGATE', 'WITHSCORES'] })],
  zdiff: [-3, combine({ how: 'diff', options: ['WITHSCORES'] })],
  zunionstore: [-4, combineInto({ how: 'union', options: ['WEIGHTS', 'AGGREGATE'] })],
  zinterstore: [-4, combineInto({ how: 'inter', options: ['WEIGHTS', 'AGGREGATE'] })],
  zdiffstore: [-4, combineInto({ how: 'diff', options: [] })],
  zintercard: [
    -3,
    (store, args, name) => {
      const request = read(store, args, name, { how: 'inter', options: ['LIMIT'] })
      const { size } = combined('inter', request)
      return request.limit === 0 ? size : Math.min(size, request.limit)
    },
  ],
}

function read(store: Store, [number, ...args]: string[], name: string, takes: Takes): Request {
  const count = integerOf(number)
  if (count < 1) throw new ReplyError(`ERR at least 1 input key is needed for '${name}' command`)
  if (count > args.length) throw syntaxError()
  const sources = args.slice(0, count).map((key) => scoresAt(store, key))
  const request: Request = { sources, weights: sources.map(() => 1), aggregate: aggregateOf('SUM'), withScores: false, limit: 0 }
  const words = args.slice(count)
  for (let at = 0; at < words.length; at++) {
    const word = takes.options.find((option) => option === words[at]?.toUpperCase())
    if (word === 'WITHSCORES') request.withScores = true
    else if (word === 'WEIGHTS' && at + count < words.length) {
      const weights = words.slice(at + 1, at + 1 + count)
      request.weights = weights.map((weight) => floatOf(weight, () => new ReplyError('ERR weight value is not a float')))
      at += count
    } else if (word === 'AGGREGATE') request.aggregate = aggregateOf(words[++at]?.toUpperCase())
    else if (word === 'LIMIT' && at + 1 < words.length) {
      request.limit = countOf(words[++at], () => new ReplyError("ERR LIMIT can't be negative"))
    } else throw syntaxError()
  }
  return request
}

function aggregateOf(word: string | undefined): Request['aggregate'] {
  const aggregate = word === undefined || !Object.hasOwn(aggregates, word) ? undefined : aggregates[word]
  if (aggregate === undefined) throw syntaxError()
  return aggregate
}

/** Sets take part too, each member with a score of 1. */
function scoresAt(store: Store, key: string): Scores {
  const value = store.look(key)
  if (value === undefined) return new Map()
  if (value.type === 'zset') return value.scores
  if (value.type !== 'set') throw wrongType()
  return new Map([...value.members].map((member) => [member, 1]))
}

function combined(how: How, { sources, weights, aggregate }: Request): Scores {
  const [first = new Map<string, number>(), ...rest] = sources
  if (how === 'diff') return new Map([...first].filter(([member]) => !rest.some((scores) => scores.has(member))))
  const all = new Map<string, number>()
  for (const [at, scores] of sources.entries()) {
    for (const [member, score] of scores) {
      if (how === 'inter' && !sources.every((others) => others.has(member))) continue
      const weighted = orZero(score * (weights[at] ?? 1))
      const before = all.get(member)
      all.set(member, before === undefined ? weighted : aggregate(before, weighted))
    }
  }
  return all
}

function combine(takes: Takes): Command {
  return (store, args, name) => {
    const request = read(store, args, name, takes)
    const zset = emptyValue('zset')
    for (const [member, score] of combined(takes.how, request)) setScore(zset, member, score)
    return scoredReply(ordered(zset), request.withScores)
  }
}

function combineInto(takes: Takes): Command {
  return (store, [into = '', ...args], name) => putScored(store, into, combined(takes.how, read(store, args, name, takes)))
}
