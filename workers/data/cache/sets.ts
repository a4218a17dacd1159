import type { Json } from '../../../shared/contracts/data'
import { globMatcher } from './glob'
import { type Commands, integerOf, ReplyError } from './reply'
import { scanOptions } from './scan'
import type { Store } from './store'
import { sizeOf } from './value'

export const sets: Commands = {
  sadd: [-3, sadd],
  srem: [-3, (store, [key = '', ...members]) => srem(store, key, members)],
  smembers: [2, (store, [key = '']) => [...membersAt(store, key)]],
  sismember: [3, (store, [key = '', member = '']) => Number(membersAt(store, key).has(member))],
  smismember: [-3, (store, [key = '', ...members]) => members.map((member) => Number(membersAt(store, key).has(member)))],
  scard: [2, (store, [key = '']) => membersAt(store, key).size],
  spop: [-2, spop],
  sscan: [-3, sscan],
}

function membersAt(store: Store, key: string): ReadonlySet<string> {
  return store.get(key, 'set')?.members ?? new Set()
}

function sadd(store: Store, [key = '', ...members]: string[]): number {
  const set = store.open(key, 'set')
  const before = set.members.size
  for (const member of members) {
    if (set.members.has(member)) continue
    set.members.add(member)
    set.bytes += sizeOf(member)
  }
  const added = set.members.size - before
  store.settle(key)
  return added
}

function srem(store: Store, key: string, members: readonly string[]): number {
  const set = store.get(key, 'set')
  if (set === undefined) return 0
  let removed = 0
  for (const member of members) {
    if (!set.members.delete(member)) continue
    set.bytes -= sizeOf(member)
    removed++
  }
  store.settle(key)
  return removed
}

function spop(store: Store, [key = '', count, ...rest]: string[]): Json {
  if (rest.length > 0) throw new ReplyError('ERR syntax error')
  const wanted = count === undefined ? 1 : integerOf(count)
  if (wanted < 0) throw new ReplyError('ERR value is out of range, must be positive')
  const left = [...membersAt(store, key)]
  const popped: string[] = []
  while (popped.length < wanted && left.length > 0) popped.push(...left.splice(Math.floor(Math.random() * left.length), 1))
  srem(store, key, popped)
  return count === undefined ? (popped[0] ?? null) : popped
}

function sscan(store: Store, [key = '', cursor, ...options]: string[]): Json {
  const { pattern } = scanOptions(cursor, options)
  return ['0', [...membersAt(store, key)].filter(globMatcher(pattern))]
}
