import type { Json } from '../../../shared/contracts/data'
import { bytesOf } from './bytes'
import { dropField, setField } from './changes'
import { decimalOf, decimalText, infiniteSum, isInfinite } from './decimal'
import {
  addIntegers,
  bigIntegerOf,
  type Commands,
  integerOf,
  notFloat,
  notInteger,
  pairs,
  ReplyError,
  syntaxError,
  wrongArguments,
} from './reply'
import { sample } from './sample'
import { scanCollection, scanOptions } from './scan'
import type { Store } from './store'

export const hashes: Commands = {
  hset: [-4, hset],
  hmset: [-4, hmset],
  hsetnx: [
    4,
    (store, [key = '', field = '', text = '']) => (fieldsAt(store, key).has(field) ? 0 : put(store, key, field, text, 1)),
  ],
  hget: [3, (store, [key = '', field = '']) => fieldsAt(store, key).get(field) ?? null],
  hmget: [
    -3,
    (store, [key = '', ...wanted]) => {
      const fields = fieldsAt(store, key)
      return wanted.map((field) => fields.get(field) ?? null)
    },
  ],
  hgetall: [2, (store, [key = '']) => [...fieldsAt(store, key)].flat()],
  hkeys: [2, (store, [key = '']) => [...fieldsAt(store, key).keys()]],
  hvals: [2, (store, [key = '']) => [...fieldsAt(store, key).values()]],
  hlen: [2, (store, [key = '']) => fieldsAt(store, key).size],
  hstrlen: [3, (store, [key = '', field = '']) => bytesOf(fieldsAt(store, key).get(field) ?? '').byteLength],
  hexists: [3, (store, [key = '', field = '']) => Number(fieldsAt(store, key).has(field))],
  hdel: [-3, hdel],
  hincrby: [4, hincrby],
  hincrbyfloat: [4, hincrbyfloat],
  hrandfield: [-2, hrandfield],
  hscan: [-3, hscan],
}

function fieldsAt(store: Store, key: string): ReadonlyMap<string, string> {
  return store.get(key, 'hash')?.fields ?? new Map()
}

function put<Reply>(store: Store, key: string, field: string, text: string, reply: Reply): Reply {
  setField(store.open(key, 'hash'), field, text)
  store.settle(key)
  return reply
}

function hset(store: Store, [key = '', ...args]: string[], name: string): number {
  const changes = pairs(args, name)
  const hash = store.open(key, 'hash')
  const added = changes.filter(([field, text]) => setField(hash, field, text)).length
  store.settle(key)
  return added
}

function hmset(store: Store, args: string[], name: string): string {
  hset(store, args, name)
  return 'OK'
}

function hdel(store: Store, [key = '', ...fields]: string[]): number {
  const hash = store.get(key, 'hash')
  if (hash === undefined) return 0
  const removed = fields.filter((field) => dropField(hash, field)).length
  store.settle(key)
  return removed
}

function hincrby(store: Store, [key = '', field = '', by]: string[]): number {
  const amount = bigIntegerOf(by)
  const previous = fieldsAt(store, key).get(field) ?? '0'
  const sum = addIntegers(
    bigIntegerOf(previous, () => new ReplyError('ERR hash value is not an integer')),
    amount,
  )
  return put(store, key, field, String(sum), Number(sum))
}

function hincrbyfloat(store: Store, [key = '', field = '', by]: string[]): string {
  const amount = decimalOf(by, () => (isInfinite(by) ? new ReplyError('ERR value is NaN or Infinity') : notFloat()))
  const previous = fieldsAt(store, key).get(field) ?? '0'
  const notHeld = () => (isInfinite(previous) ? infiniteSum() : new ReplyError('ERR hash value is not a float'))
  const sum = decimalText(decimalOf(previous, notHeld) + amount)
  return put(store, key, field, sum, sum)
}

function hrandfield(store: Store, [key = '', count, ...options]: string[], name: string): Json {
  const wanted = count === undefined ? 1 : integerOf(count)
  if (options.length > 1) throw wrongArguments(name)
  if (options.length === 1 && options[0]?.toUpperCase() !== 'WITHVALUES') throw syntaxError()
  if (!Number.isSafeInteger(wanted)) throw notInteger()
  const fields = fieldsAt(store, key)
  const found = sample(store, [...fields.keys()], wanted)
  if (count === undefined) return found[0] ?? null
  return options.length === 0 ? found : found.flatMap((field) => [field, fields.get(field) ?? ''])
}

function hscan(store: Store, [key = '', cursor, ...options]: string[]): Json {
  const scan = scanOptions(cursor, options)
  const hash = store.get(key, 'hash')
  const fields = hash?.fields ?? new Map<string, string>()
  return scanCollection(hash, fields, scan, (field) => [field, fields.get(field) ?? ''])
}
