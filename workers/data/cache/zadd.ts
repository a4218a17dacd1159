import { setScore } from './changes'
import { floatOf, floatText, ReplyError, syntaxError } from './reply'
import type { Store } from './store'

const known = ['NX', 'XX', 'GT', 'LT', 'CH', 'INCR']

type Change = { member: string; score: number }

export function zadd(store: Store, [key = '', ...args]: string[]): number | string | null {
  const first = args.findIndex((arg) => !known.includes(arg.toUpperCase()))
  const flags = new Set(args.slice(0, first < 0 ? undefined : first).map((arg) => arg.toUpperCase()))
  const rest = first < 0 ? [] : args.slice(first)
  if (rest.length === 0 || rest.length % 2 !== 0) throw syntaxError()
  checkFlags(flags, rest.length / 2)
  const changes: Change[] = []
  for (let at = 0; at < rest.length; at += 2) changes.push({ score: floatOf(rest[at]), member: rest[at + 1] ?? '' })
  return addScores(store, key, changes, flags)
}

function checkFlags(flags: ReadonlySet<string>, changes: number): void {
  if (flags.has('NX') && flags.has('XX')) throw new ReplyError('ERR XX and NX options at the same time are not compatible')
  if (['GT', 'LT', 'NX'].filter((flag) => flags.has(flag)).length > 1)
    throw new ReplyError('ERR GT, LT, and/or NX options at the same time are not compatible')
  if (flags.has('INCR') && changes > 1) throw new ReplyError('ERR INCR option supports a single increment-element pair')
}

function addScores(store: Store, key: string, changes: Change[], flags: ReadonlySet<string>): number | string | null {
  const zset = store.open(key, 'zset')
  let added = 0
  let updated = 0
  let last: number | undefined
  try {
    for (const { score, member } of changes) {
      const previous = zset.scores.get(member)
      if (previous === undefined ? flags.has('XX') : flags.has('NX')) continue
      const next = flags.has('INCR') ? sumOf(previous ?? 0, score) : score
      if (previous !== undefined && ((flags.has('GT') && next <= previous) || (flags.has('LT') && next >= previous))) continue
      if (previous === undefined) added++
      else if (next !== previous) updated++
      setScore(zset, member, next)
      last = next
    }
  } finally {
    store.settle(key)
  }
  if (flags.has('INCR')) return last === undefined ? null : floatText(last)
  return flags.has('CH') ? added + updated : added
}

export function increase(store: Store, key: string, by: number, member: string): number {
  const sum = sumOf(store.get(key, 'zset')?.scores.get(member) ?? 0, by)
  setScore(store.open(key, 'zset'), member, sum)
  store.settle(key)
  return sum
}

function sumOf(left: number, right: number): number {
  const sum = left + right
  if (Number.isNaN(sum)) throw new ReplyError('ERR resulting score is not a number (NaN)')
  return sum
}
