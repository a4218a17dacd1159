import { expiryOf, isExpiryOption } from './expiry'
import { addIntegers, bigIntegerOf, type Commands, pairs, ReplyError, syntaxError } from './reply'
import type { Store } from './store'
import { sizeOf } from './value'

export const strings: Commands = {
  get: [2, (store, [key = '']) => textAt(store, key)],
  set: [-3, set],
  setnx: [3, (store, [key = '', text = '']) => (store.typeOf(key) ? 0 : put(store, key, text, 1))],
  setex: [4, (store, [key = '', time, text = ''], name) => put(store, key, text, 'OK', expiryOf('EX', time, store.now, name))],
  psetex: [4, (store, [key = '', time, text = ''], name) => put(store, key, text, 'OK', expiryOf('PX', time, store.now, name))],
  mget: [-2, (store, keys) => keys.map((key) => (store.typeOf(key) === 'string' ? textAt(store, key) : null))],
  mset: [
    -3,
    (store, args, name) => {
      for (const [key, text] of pairs(args, name)) store.setText(key, text)
      return 'OK'
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
  strlen: [2, (store, [key = '']) => new TextEncoder().encode(textAt(store, key) ?? '').byteLength],
  incr: [2, (store, [key = '']) => add(store, key, 1n)],
  decr: [2, (store, [key = '']) => add(store, key, -1n)],
  incrby: [3, (store, [key = '', by]) => add(store, key, bigIntegerOf(by))],
  decrby: [3, (store, [key = '', by]) => add(store, key, -bigIntegerOf(by))],
}

function textAt(store: Store, key: string): string | null {
  return store.get(key, 'string')?.text ?? null
}

function put<Reply>(store: Store, key: string, text: string, reply: Reply, expiresAt?: number): Reply {
  store.setText(key, text, expiresAt)
  return reply
}

function set(store: Store, [key = '', text = '', ...options]: string[], name: string): string | null {
  const words = options.map((option) => option.toUpperCase())
  let condition: string | undefined
  let expiresAt: number | undefined
  let keep = false
  let get = false
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if ((word === 'NX' || word === 'XX') && condition === undefined) condition = word
    else if (word === 'GET') get = true
    else if (word === 'KEEPTTL' && expiresAt === undefined) keep = true
    else if (isExpiryOption(word) && expiresAt === undefined && !keep) expiresAt = expiryOf(word, options[++at], store.now, name)
    else throw syntaxError()
  }
  const previous = get ? textAt(store, key) : null
  const exists = store.typeOf(key) !== undefined
  if ((condition === 'NX' && exists) || (condition === 'XX' && !exists)) return previous
  store.setText(key, text, keep ? (store.expiryOf(key) ?? undefined) : expiresAt)
  return get ? previous : 'OK'
}

function getex(store: Store, [key = '', option, time, ...rest]: string[], name: string): string | null {
  const word = option?.toUpperCase()
  if (rest.length > 0 || (word === 'PERSIST' && time !== undefined)) throw syntaxError()
  if (word !== undefined && word !== 'PERSIST' && !isExpiryOption(word)) throw syntaxError()
  const expiresAt = word === undefined || word === 'PERSIST' ? undefined : expiryOf(word, time, store.now, name)
  const text = textAt(store, key)
  if (word !== undefined) store.setExpiry(key, expiresAt)
  return text
}

function append(store: Store, [key = '', more = '']: string[]): number {
  const value = store.open(key, 'string')
  value.text += more
  value.bytes = sizeOf(value.text)
  store.settle(key)
  return new TextEncoder().encode(value.text).byteLength
}

/** A counter keeps its expiry. */
function add(store: Store, key: string, by: bigint): number {
  const sum = addIntegers(bigIntegerOf(textAt(store, key) ?? '0'), by)
  if (sum > Number.MAX_SAFE_INTEGER || sum < Number.MIN_SAFE_INTEGER)
    throw new ReplyError('ERR increment or decrement would overflow')
  store.setText(key, String(sum), store.expiryOf(key) ?? undefined)
  return Number(sum)
}
