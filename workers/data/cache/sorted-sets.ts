import { type Commands, floatOf, floatText, ReplyError, syntaxError } from './reply'
import { byScore, ranged, rangeOptions, scoreRange, zrange } from './sorted-range'
import type { Store } from './store'
import { sizeOf } from './value'

export const sortedSets: Commands = {
  zadd: [-4, zadd],
  zrem: [-3, (store, [key = '', ...members]) => zrem(store, key, members)],
  zrange: [-4, zrange],
  zrangebyscore: [
    -4,
    (store, [key = '', least, most, ...options]) =>
      ranged(byScore(store, key, scoreRange(least, most)), rangeOptions(options, ['WITHSCORES', 'LIMIT'])),
  ],
  zremrangebyscore: [
    4,
    (store, [key = '', least, most]) => {
      const found = byScore(store, key, scoreRange(least, most))
      return zrem(
        store,
        key,
        found.map(([member]) => member),
      )
    },
  ],
  zcard: [2, (store, [key = '']) => store.get(key, 'zset')?.scores.size ?? 0],
  zscore: [
    3,
    (store, [key = '', member = '']) => {
      const score = store.get(key, 'zset')?.scores.get(member)
      return score === undefined ? null : floatText(score)
    },
  ],
  zincrby: [4, (store, [key = '', by, member = '']) => floatText(increase(store, key, floatOf(by), member))],
}

function zadd(store: Store, [key = '', ...args]: string[]): number | string | null {
  const flags = new Set<string>()
  const rest = [...args]
  while (['NX', 'XX', 'GT', 'LT', 'CH', 'INCR'].includes(rest[0]?.toUpperCase() ?? ''))
    flags.add(rest.shift()?.toUpperCase() ?? '')
  if (rest.length === 0 || rest.length % 2 !== 0) throw syntaxError()
  if (flags.has('NX') && flags.has('XX')) throw new ReplyError('ERR XX and NX options at the same time are not compatible')
  if ([flags.has('GT'), flags.has('LT'), flags.has('NX')].filter(Boolean).length > 1) {
    throw new ReplyError('ERR GT, LT, and/or NX options at the same time are not compatible')
  }
  if (flags.has('INCR') && rest.length !== 2) throw new ReplyError('ERR INCR option supports a single increment-element pair')
  const scores = rest.flatMap((arg, at) => (at % 2 === 0 ? [{ score: floatOf(arg), member: rest[at + 1] ?? '' }] : []))
  return addScores(store, key, scores, flags)
}

function addScores(
  store: Store,
  key: string,
  changes: { score: number; member: string }[],
  flags: Set<string>,
): number | string | null {
  const { scores } = store.open(key, 'zset')
  let added = 0
  let updated = 0
  let last: number | undefined
  try {
    for (const { score, member } of changes) {
      const previous = scores.get(member)
      const next = flags.has('INCR') ? finite((previous ?? 0) + score) : score
      if (previous === undefined ? flags.has('XX') : flags.has('NX')) continue
      if (previous !== undefined && ((flags.has('GT') && next <= previous) || (flags.has('LT') && next >= previous))) continue
      if (previous === undefined) added++
      else if (next !== previous) updated++
      assign(store, key, member, next)
      last = next
    }
  } finally {
    store.settle(key)
  }
  if (flags.has('INCR')) return last === undefined ? null : floatText(last)
  return flags.has('CH') ? added + updated : added
}

function increase(store: Store, key: string, by: number, member: string): number {
  const sum = finite((store.get(key, 'zset')?.scores.get(member) ?? 0) + by)
  assign(store, key, member, sum)
  store.settle(key)
  return sum
}

function finite(sum: number): number {
  if (Number.isNaN(sum)) throw new ReplyError('ERR resulting score is not a number (NaN)')
  return sum
}

function assign(store: Store, key: string, member: string, score: number): void {
  const zset = store.open(key, 'zset')
  if (!zset.scores.has(member)) zset.bytes += sizeOf(member) + 8
  zset.scores.set(member, score)
}

function zrem(store: Store, key: string, members: readonly string[]): number {
  const zset = store.get(key, 'zset')
  if (zset === undefined) return 0
  let removed = 0
  for (const member of members) {
    if (!zset.scores.delete(member)) continue
    zset.bytes -= sizeOf(member) + 8
    removed++
  }
  store.settle(key)
  return removed
}
