import type { Json } from '../../../shared/contracts/data'
import { dropScore } from './changes'
import { ordered, rankIn } from './order'
import { type Command, type Commands, countOf, floatOf, floatText, integerOf, slice, syntaxError } from './reply'
import { sample } from './sample'
import { scanCollection, scanOptions } from './scan'
import { type Within, withinNames, withinScores } from './sorted-bounds'
import { range, scoredReply, zrangestore } from './sorted-range'
import type { Store } from './store'
import type { Scored } from './value'
import { increase, zadd } from './zadd'

type Bounds = (least: string | undefined, most: string | undefined) => Within

export const sortedSets: Commands = {
  zadd: [-4, zadd],
  zincrby: [4, (store, [key = '', by, member = '']) => floatText(increase(store, key, floatOf(by), member))],
  zrem: [-3, (store, [key = '', ...members]) => zrem(store, key, members)],
  zcard: [2, (store, [key = '']) => store.get(key, 'zset')?.scores.size ?? 0],
  zscore: [3, (store, [key = '', member = '']) => scoreText(store, key, member)],
  zmscore: [-3, (store, [key = '', ...members]) => members.map((member) => scoreText(store, key, member))],
  zrank: [3, rank(false)],
  zrevrank: [3, rank(true)],
  zcount: [4, count(withinScores)],
  zlexcount: [4, count(withinNames)],
  zrange: [-4, range({})],
  zrevrange: [-4, range({ by: 'rank', isReverse: true })],
  zrangebyscore: [-4, range({ by: 'score', isReverse: false })],
  zrevrangebyscore: [-4, range({ by: 'score', isReverse: true })],
  zrangebylex: [-4, range({ by: 'name', isReverse: false })],
  zrevrangebylex: [-4, range({ by: 'name', isReverse: true })],
  zrangestore: [-5, zrangestore],
  zremrangebyscore: [4, removeRange(withinScores)],
  zremrangebylex: [4, removeRange(withinNames)],
  zremrangebyrank: [4, zremrangebyrank],
  zpopmin: [-2, pop(false)],
  zpopmax: [-2, pop(true)],
  zrandmember: [-2, zrandmember],
  zscan: [-3, zscan],
}

const orderedAt = (store: Store, key: string) => ordered(store.get(key, 'zset'))

function scoreText(store: Store, key: string, member: string): string | null {
  const score = store.get(key, 'zset')?.scores.get(member)
  return score === undefined ? null : floatText(score)
}

function rank(isReverse: boolean): Command {
  return (store, [key = '', member = '']) => {
    const zset = store.get(key, 'zset')
    const score = zset?.scores.get(member)
    if (zset === undefined || score === undefined) return null
    const place = rankIn(zset, [member, score])
    return isReverse ? zset.scores.size - 1 - place : place
  }
}

function count(bounds: Bounds): Command {
  return (store, [key = '', least, most]) => {
    const within = bounds(least, most)
    return orderedAt(store, key).filter(within).length
  }
}

function zrem(store: Store, key: string, members: readonly string[]): number {
  const zset = store.get(key, 'zset')
  if (zset === undefined) return 0
  const removed = members.filter((member) => dropScore(zset, member)).length
  store.settle(key)
  return removed
}

const namesOf = (items: readonly Scored[]) => items.map(([member]) => member)

function removeRange(bounds: Bounds): Command {
  return (store, [key = '', least, most]) => {
    const within = bounds(least, most)
    return zrem(store, key, namesOf(orderedAt(store, key).filter(within)))
  }
}

function zremrangebyrank(store: Store, [key = '', start, stop]: string[]): number {
  const [from, to] = [integerOf(start), integerOf(stop)]
  return zrem(store, key, namesOf(slice(orderedAt(store, key), from, to)))
}

function pop(isReverse: boolean): Command {
  return (store, [key = '', wanted, ...rest]) => {
    if (rest.length > 0) throw syntaxError()
    const many = wanted === undefined ? 1 : countOf(wanted)
    const all = orderedAt(store, key)
    const popped = isReverse ? all.slice(Math.max(0, all.length - many)).reverse() : all.slice(0, many)
    zrem(store, key, namesOf(popped))
    return scoredReply(popped, true)
  }
}

function zrandmember(store: Store, [key = '', wanted, ...options]: string[]): Json {
  const many = wanted === undefined ? 1 : integerOf(wanted)
  if (options.length > 1 || (options.length === 1 && options[0]?.toUpperCase() !== 'WITHSCORES')) throw syntaxError()
  const scores = store.get(key, 'zset')?.scores ?? new Map<string, number>()
  const found = sample(store, [...scores.keys()], many)
  if (wanted === undefined) return found[0] ?? null
  return scoredReply(
    found.map((member) => [member, scores.get(member) ?? 0]),
    options.length === 1,
  )
}

function zscan(store: Store, [key = '', cursor, ...options]: string[]): Json {
  const scan = scanOptions(cursor, options)
  const zset = store.get(key, 'zset')
  const scores = zset?.scores ?? new Map<string, number>()
  return scanCollection(zset, scores, scan, (member) => [member, floatText(scores.get(member) ?? 0)])
}
