import type { Json } from '../../../shared/contracts/data'
import { LATEST } from './expiry'
import { globMatcher } from './glob'
import { type Command, type Commands, integerOf, noSuchKey, ReplyError, syntaxError } from './reply'
import { scanOptions } from './scan'
import type { Store } from './store'
import { copyOf } from './value'

const del: Command = (store, names) => names.filter((key) => store.delete(key)).length
const count: Command = (store, names) => names.filter((key) => store.typeOf(key) !== undefined).length

export const keys: Commands = {
  del: [-2, del],
  unlink: [-2, del],
  exists: [-2, count],
  touch: [-2, (store, names) => names.filter((key) => store.look(key) !== undefined).length],
  type: [2, (store, [key = '']) => store.typeOf(key) ?? 'none'],
  rename: [3, (store, [from = '', to = '']) => rename(store, from, to)],
  renamenx: [3, renameToNew],
  copy: [-3, copy],
  expire: [-3, expire(1000, true)],
  pexpire: [-3, expire(1, true)],
  expireat: [-3, expire(1000, false)],
  pexpireat: [-3, expire(1, false)],
  ttl: [2, timeToLive(1000)],
  pttl: [2, timeToLive(1)],
  expiretime: [2, expiryTime(1000)],
  pexpiretime: [2, expiryTime(1)],
  persist: [2, persist],
  keys: [2, (store, [pattern = '']) => store.keys().filter(globMatcher(pattern))],
  scan: [-2, scan],
  randomkey: [
    1,
    (store) => {
      const all = store.keys()
      return all[store.pick(all.length)] ?? null
    },
  ],
}

function rename(store: Store, from: string, to: string): string {
  const value = store.look(from)
  if (value === undefined) throw noSuchKey()
  if (from === to) return 'OK'
  const expiresAt = store.expiryOf(from) ?? undefined
  store.delete(from)
  store.put(to, value, expiresAt)
  return 'OK'
}

function renameToNew(store: Store, [from = '', to = '']: string[]): number {
  if (store.typeOf(from) === undefined) throw noSuchKey()
  if (store.typeOf(to) !== undefined) return 0
  rename(store, from, to)
  return 1
}

/** There is one database, number 0. */
function copy(store: Store, [from = '', to = '', ...options]: string[]): number {
  let replace = false
  for (let at = 0; at < options.length; at++) {
    const word = options[at]?.toUpperCase()
    if (word === 'REPLACE') replace = true
    else if (word === 'DB' && at + 1 < options.length) checkDatabase(options[++at])
    else throw syntaxError()
  }
  if (from === to) throw new ReplyError('ERR source and destination objects are the same')
  const value = store.look(from)
  if (value === undefined || (!replace && store.typeOf(to) !== undefined)) return 0
  store.put(to, copyOf(value), store.expiryOf(from) ?? undefined)
  return 1
}

function checkDatabase(text: string | undefined): void {
  if (integerOf(text) !== 0) throw new ReplyError('ERR DB index is out of range')
}

function expire(unit: number, isRelative: boolean): Command {
  return (store, [key = '', time, ...options], name) => {
    const words = options.map((option) => option.toUpperCase())
    checkConditions(options, words)
    const expiresAt = (isRelative ? store.now : 0) + integerOf(time) * unit
    if (Math.abs(expiresAt) > LATEST) throw new ReplyError(`ERR invalid expire time in '${name}' command`)
    const current = store.expiryOf(key)
    if (current === undefined) return 0
    const infinite = current ?? Number.POSITIVE_INFINITY
    if (words.includes('NX') && current !== null) return 0
    if (words.includes('XX') && current === null) return 0
    if ((words.includes('GT') && expiresAt <= infinite) || (words.includes('LT') && expiresAt >= infinite)) return 0
    store.setExpiry(key, expiresAt)
    return 1
  }
}

function checkConditions(options: readonly string[], words: readonly string[]): void {
  const unknown = options.find((_, at) => !['NX', 'XX', 'GT', 'LT'].includes(words[at] ?? ''))
  if (unknown !== undefined) throw new ReplyError(`ERR Unsupported option ${unknown}`)
  if (words.includes('NX') && words.some((word) => word !== 'NX'))
    throw new ReplyError('ERR NX and XX, GT or LT options at the same time are not compatible')
  if (words.includes('GT') && words.includes('LT'))
    throw new ReplyError('ERR GT and LT options at the same time are not compatible')
}

/** What is left, rounded as Redis rounds it; -1 for a key that stays, -2 for none. */
function timeToLive(unit: number): Command {
  return (store, [key = '']) => {
    const expiresAt = store.expiryOf(key)
    if (expiresAt === undefined) return -2
    return expiresAt === null ? -1 : Math.floor((expiresAt - store.now + unit / 2) / unit)
  }
}

function expiryTime(unit: number): Command {
  return (store, [key = '']) => {
    const expiresAt = store.expiryOf(key)
    if (expiresAt === undefined) return -2
    return expiresAt === null ? -1 : Math.floor((expiresAt + unit / 2) / unit)
  }
}

function persist(store: Store, [key = '']: string[]): number {
  if (typeof store.expiryOf(key) !== 'number') return 0
  store.setExpiry(key, undefined)
  return 1
}

function scan(store: Store, [cursor, ...options]: string[]): Json {
  const { cursor: from, count: wanted, matches, type } = scanOptions(cursor, options, true)
  const { next, names } = store.page(from, wanted)
  const found = names.filter((key) => matches(key) && (type === undefined || store.typeOf(key) === type))
  return [String(next), found]
}
