import { addIntegers, bigIntegerOf, type Commands, pairs, ReplyError } from './reply'
import type { Store } from './store'
import { sizeOf } from './value'

export const hashes: Commands = {
  hset: [-4, hset],
  hget: [3, (store, [key = '', field = '']) => fieldsAt(store, key).get(field) ?? null],
  hmget: [-3, (store, [key = '', ...fields]) => fields.map((field) => fieldsAt(store, key).get(field) ?? null)],
  hgetall: [2, (store, [key = '']) => [...fieldsAt(store, key)].flat()],
  hkeys: [2, (store, [key = '']) => [...fieldsAt(store, key).keys()]],
  hvals: [2, (store, [key = '']) => [...fieldsAt(store, key).values()]],
  hlen: [2, (store, [key = '']) => fieldsAt(store, key).size],
  hexists: [3, (store, [key = '', field = '']) => Number(fieldsAt(store, key).has(field))],
  hdel: [-3, hdel],
  hincrby: [4, hincrby],
}

function fieldsAt(store: Store, key: string): ReadonlyMap<string, string> {
  return store.get(key, 'hash')?.fields ?? new Map()
}

function hset(store: Store, [key = '', ...args]: string[], name: string): number {
  const changes = pairs(args, name)
  const hash = store.open(key, 'hash')
  const before = hash.fields.size
  for (const [field, text] of changes) {
    const previous = hash.fields.get(field)
    hash.bytes += sizeOf(text) + (previous === undefined ? sizeOf(field) : -sizeOf(previous))
    hash.fields.set(field, text)
  }
  const added = hash.fields.size - before
  store.settle(key)
  return added
}

function hdel(store: Store, [key = '', ...fields]: string[]): number {
  const hash = store.get(key, 'hash')
  if (hash === undefined) return 0
  const before = hash.fields.size
  for (const field of fields) {
    const text = hash.fields.get(field)
    if (text === undefined) continue
    hash.bytes -= sizeOf(field) + sizeOf(text)
    hash.fields.delete(field)
  }
  const removed = before - hash.fields.size
  store.settle(key)
  return removed
}

function hincrby(store: Store, [key = '', field = '', by]: string[], name: string): number {
  const amount = bigIntegerOf(by)
  const previous = fieldsAt(store, key).get(field) ?? '0'
  if (!/^-?\d+$/.test(previous)) throw new ReplyError('ERR hash value is not an integer')
  const sum = String(addIntegers(bigIntegerOf(previous), amount))
  hset(store, [key, field, sum], name)
  return Number(sum)
}
