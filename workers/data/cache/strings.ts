import { bytesOf, checkSize, textOf } from './bytes'
import { decimalOf, decimalText, infiniteSum, isInfinite } from './decimal'
import { expiryOf } from './expiry'
import { addIntegers, bigIntegerOf, type Commands, integerOf, notFloat, pairs, ReplyError } from './reply'
import { getex, set } from './set'
import type { Store } from './store'
import { sizeOf } from './value'

export const strings: Commands = {
  get: [2, (store, [key = '']) => textAt(store, key)],
  set: [-3, set],
  setnx: [3, (store, [key = '', text = '']) => (store.typeOf(key) ? 0 : put(store, key, text, 1))],
  setex: [4, (store, [key = '', time, text = ''], name) => put(store, key, text, 'OK', expiryOf('EX', time, store.now, name))],
  psetex: [4, (store, [key = '', time, text = ''], name) => put(store, key, text, 'OK', expiryOf('PX', time, store.now, name))],
  getset: [3, (store, [key = '', text = '']) => put(store, key, text, textAt(store, key))],
  mget: [
    -2,
    (store, keys) =>
      keys.map((key) => {
        const value = store.look(key)
        return value?.type === 'string' ? value.text : null
      }),
  ],
  mset: [-3, (store, args, name) => putAll(store, pairs(args, name), 'OK')],
  msetnx: [
    -3,
    (store, args, name) => {
      const changes = pairs(args, name)
      if (changes.some(([key]) => store.typeOf(key) !== undefined)) return 0
      return putAll(store, changes, 1)
    },
  ],
  getdel: [
    2,
    (store, [key = '']) => {
      const text = textAt(store, key)
      store.delete(key)
      return text
    },
  ],
  getex: [-2, getex],
  append: [3, append],
  strlen: [2, (store, [key = '']) => bytesOf(textAt(store, key) ?? '').byteLength],
  getrange: [4, getRange],
  substr: [4, getRange],
  setrange: [4, setRange],
  incr: [2, (store, [key = '']) => add(store, key, 1n)],
  decr: [2, (store, [key = '']) => add(store, key, -1n)],
  incrby: [3, (store, [key = '', by]) => add(store, key, bigIntegerOf(by))],
  decrby: [3, decrby],
  incrbyfloat: [3, incrbyfloat],
}

function textAt(store: Store, key: string): string | null {
  return store.get(key, 'string')?.text ?? null
}

function put<Reply>(store: Store, key: string, text: string, reply: Reply, expiresAt?: number): Reply {
  store.putText(key, text, expiresAt)
  return reply
}

function putAll<Reply>(store: Store, changes: [string, string][], reply: Reply): Reply {
  for (const [key, text] of changes) store.putText(key, text)
  return reply
}

/** Puts another text under a key that keeps its time to live. */
function change(store: Store, key: string, text: string): void {
  store.putText(key, text, store.expiryOf(key) ?? undefined)
}

function append(store: Store, [key = '', more = '']: string[]): number {
  checkSize((textAt(store, key) ?? '').length + more.length)
  const value = store.open(key, 'string')
  value.text += more
  value.bytes = sizeOf(value.text)
  store.settle(key)
  return bytesOf(value.text).byteLength
}

function getRange(store: Store, [key = '', start, stop]: string[]): string {
  const [from, to] = [integerOf(start), integerOf(stop)]
  const bytes = bytesOf(textAt(store, key) ?? '')
  const length = bytes.byteLength
  if (from < 0 && to < 0 && from > to) return ''
  const end = Math.min(to < 0 ? Math.max(0, length + to) : to, length - 1)
  return new TextDecoder().decode(bytes.subarray(from < 0 ? Math.max(0, length + from) : from, end + 1))
}

function setRange(store: Store, [key = '', offset, text = '']: string[]): number {
  const start = integerOf(offset)
  if (start < 0) throw new ReplyError('ERR offset is out of range')
  const [old, put] = [bytesOf(textAt(store, key) ?? ''), bytesOf(text)]
  if (put.byteLength === 0) return old.byteLength
  checkSize(start + put.byteLength)
  const bytes = new Uint8Array(Math.max(old.byteLength, start + put.byteLength))
  bytes.set(old)
  bytes.set(put, start)
  change(store, key, textOf(bytes))
  return bytes.byteLength
}

/** What is stored is exact; a reply beyond 2^53 is rounded, because a number of JSON is. */
function add(store: Store, key: string, by: bigint): number {
  const sum = addIntegers(bigIntegerOf(textAt(store, key) ?? '0'), by)
  change(store, key, String(sum))
  return Number(sum)
}

function decrby(store: Store, [key = '', by]: string[]): number {
  const amount = -bigIntegerOf(by)
  if (amount === 2n ** 63n) throw new ReplyError('ERR decrement would overflow')
  return add(store, key, amount)
}

function incrbyfloat(store: Store, [key = '', by]: string[]): string {
  const previous = textAt(store, key) ?? '0'
  const [held, amount] = [previous, by].map((text) => (isInfinite(text) ? undefined : decimalOf(text, notFloat)))
  if (held === undefined || amount === undefined) throw infiniteSum()
  const sum = decimalText(held + amount)
  change(store, key, sum)
  return sum
}
