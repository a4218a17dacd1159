import type { Command, Commands } from './command'
import { integerOf, pairs, ReplyError, sumOf } from './reply'
import { scanOptions } from './scan-options'

type Type = 'hash' | 'set'

export const collectionCommands: Commands = {
  hset: [
    -4,
    (store, [key = '', ...args], name) => {
      const changes = pairs(args, name)
      return store.change(key, 'hash', (hash) => changes.filter(([field, text]) => hash.put(field, text)).length)
    },
  ],
  hget: [3, (store, [key = '', field = '']) => store.collection(key, 'hash')?.get(field) ?? null],
  hmget: [
    -3,
    (store, [key = '', ...fields]) => {
      const hash = store.collection(key, 'hash')
      return fields.map((field) => hash?.get(field) ?? null)
    },
  ],
  hgetall: [2, all('hash')],
  hexists: [3, has('hash')],
  hlen: [2, size('hash')],
  hdel: [-3, remove('hash')],
  hincrby: [
    4,
    (store, [key = '', field = '', by]) => {
      const amount = integerOf(by)
      const previous = store.collection(key, 'hash')?.get(field) ?? '0'
      const sum = sumOf(
        integerOf(previous, () => new ReplyError('ERR hash value is not an integer')),
        amount,
      )
      store.change(key, 'hash', (hash) => hash.put(field, String(sum)))
      return sum
    },
  ],
  hscan: [-3, scan('hash')],
  sadd: [
    -3,
    (store, [key = '', ...members]) => store.change(key, 'set', (set) => members.filter((member) => set.put(member)).length),
  ],
  smembers: [2, all('set')],
  sismember: [3, has('set')],
  scard: [2, size('set')],
  srem: [-3, remove('set')],
  sscan: [-3, scan('set')],
}

function all(type: Type): Command {
  return (store, [key = '']) => store.collection(key, type)?.flat() ?? []
}

function has(type: Type): Command {
  return (store, [key = '', name = '']) => Number(store.collection(key, type)?.get(name) !== undefined)
}

function size(type: Type): Command {
  return (store, [key = '']) => store.collection(key, type)?.size ?? 0
}

function remove(type: Type): Command {
  return (store, [key = '', ...names]) =>
    store.change(key, type, (collection) => names.filter((name) => collection.delete(name)).length)
}

function scan(type: Type): Command {
  return (store, [key = '', cursor, ...options]) => {
    const { cursor: from, count, matches } = scanOptions(cursor, options)
    const collection = store.collection(key, type)
    if (collection === undefined) return ['0', []]
    const { next, names } = collection.page(from, count)
    return [String(next), collection.flat(names.filter(matches))]
  }
}
