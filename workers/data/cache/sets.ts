import type { Json } from '../../../shared/contracts/data'
import { addMember, dropMember } from './changes'
import { numberedKeys } from './numbered'
import { type Command, type Commands, countOf, integerOf, ReplyError, syntaxError } from './reply'
import { sample } from './sample'
import { scanCollection, scanOptions } from './scan'
import type { Store } from './store'
import { emptyValue } from './value'

type Members = ReadonlySet<string>

const combinations = {
  inter: ([first = new Set(), ...rest]: Members[]) =>
    new Set([...first].filter((member) => rest.every((set) => set.has(member)))),
  union: (all: Members[]) => new Set(all.flatMap((set) => [...set])),
  diff: ([first = new Set(), ...rest]: Members[]) => new Set([...first].filter((member) => !rest.some((set) => set.has(member)))),
}

export const sets: Commands = {
  sadd: [-3, sadd],
  srem: [-3, (store, [key = '', ...members]) => srem(store, key, members)],
  smembers: [2, (store, [key = '']) => [...membersAt(store, key)]],
  sismember: [3, (store, [key = '', member = '']) => Number(membersAt(store, key).has(member))],
  smismember: [
    -3,
    (store, [key = '', ...wanted]) => {
      const members = membersAt(store, key)
      return wanted.map((member) => Number(members.has(member)))
    },
  ],
  scard: [2, (store, [key = '']) => membersAt(store, key).size],
  smove: [4, smove],
  spop: [-2, spop],
  srandmember: [-2, srandmember],
  sinter: [-2, combine('inter')],
  sunion: [-2, combine('union')],
  sdiff: [-2, combine('diff')],
  sinterstore: [-3, combineInto('inter')],
  sunionstore: [-3, combineInto('union')],
  sdiffstore: [-3, combineInto('diff')],
  sintercard: [-3, sintercard],
  sscan: [-3, sscan],
}

function membersAt(store: Store, key: string): Members {
  return store.get(key, 'set')?.members ?? new Set()
}

function sadd(store: Store, [key = '', ...members]: string[]): number {
  const set = store.open(key, 'set')
  const added = members.filter((member) => addMember(set, member)).length
  store.settle(key)
  return added
}

function srem(store: Store, key: string, members: readonly string[]): number {
  const set = store.get(key, 'set')
  if (set === undefined) return 0
  const removed = members.filter((member) => dropMember(set, member)).length
  store.settle(key)
  return removed
}

function smove(store: Store, [from = '', to = '', member = '']: string[]): number {
  const source = store.get(from, 'set')
  if (source === undefined) return 0
  store.get(to, 'set')
  if (from === to) return Number(source.members.has(member))
  if (srem(store, from, [member]) === 0) return 0
  sadd(store, [to, member])
  return 1
}

function spop(store: Store, [key = '', count, ...rest]: string[]): Json {
  if (rest.length > 0) throw syntaxError()
  const wanted = count === undefined ? 1 : countOf(count)
  const popped = sample(store, [...membersAt(store, key)], wanted)
  srem(store, key, popped)
  return count === undefined ? (popped[0] ?? null) : popped
}

function srandmember(store: Store, [key = '', count, ...rest]: string[]): Json {
  if (rest.length > 0) throw syntaxError()
  const wanted = count === undefined ? 1 : integerOf(count)
  const found = sample(store, [...membersAt(store, key)], wanted)
  return count === undefined ? (found[0] ?? null) : found
}

function combine(how: keyof typeof combinations): Command {
  return (store, keys) => [...combinations[how](keys.map((key) => membersAt(store, key)))]
}

function combineInto(how: keyof typeof combinations): Command {
  return (store, [into = '', ...keys]) => {
    const set = emptyValue('set')
    for (const member of combinations[how](keys.map((key) => membersAt(store, key)))) addMember(set, member)
    store.put(into, set)
    return set.members.size
  }
}

function sintercard(store: Store, args: string[]): number {
  const { keys, rest } = numberedKeys(args)
  let limit = 0
  for (let at = 0; at < rest.length; at += 2) {
    if (rest[at]?.toUpperCase() !== 'LIMIT' || at + 1 >= rest.length) throw syntaxError()
    limit = countOf(rest[at + 1], () => new ReplyError("ERR LIMIT can't be negative"))
  }
  const { size } = combinations.inter(keys.map((key) => membersAt(store, key)))
  return limit === 0 ? size : Math.min(size, limit)
}

function sscan(store: Store, [key = '', cursor, ...options]: string[]): Json {
  const scan = scanOptions(cursor, options)
  const set = store.get(key, 'set')
  return scanCollection(set, set?.members ?? new Set<string>(), scan, (member) => [member])
}
