import type { Json } from '../../../shared/contracts/data'
import { globMatcher } from './glob'
import { type Command, type Commands, integerOf, ReplyError, syntaxError, wrongArguments } from './reply'
import { scanOptions } from './scan'
import type { Store } from './store'

export const keys: Commands = {
  del: [-2, (store, names) => names.filter((key) => store.delete(key)).length],
  exists: [-2, (store, names) => names.filter((key) => store.typeOf(key) !== undefined).length],
  type: [2, (store, [key = '']) => store.typeOf(key) ?? 'none'],
  expire: [-3, expire(1000)],
  pexpire: [-3, expire(1)],
  ttl: [2, timeToLive(1000)],
  pttl: [2, timeToLive(1)],
  persist: [2, persist],
  keys: [2, (store, [pattern = '']) => store.keys().filter(globMatcher(pattern))],
  scan: [-2, scan],
  dbsize: [1, (store) => store.keys().length],
  flushdb: [-1, flush],
  ping: [-1, ping],
  echo: [2, (_store, [message = '']) => message],
}

function expire(unit: number): Command {
  return (store, [key = '', time, ...options], name) => {
    const expiresAt = store.now + integerOf(time) * unit
    if (!Number.isSafeInteger(expiresAt)) throw new ReplyError(`ERR invalid expire time in '${name}' command`)
    const words = options.map((option) => option.toUpperCase())
    const unknown = options.find((_, at) => !['NX', 'XX', 'GT', 'LT'].includes(words[at] ?? ''))
    if (unknown !== undefined) throw new ReplyError(`ERR Unsupported option ${unknown}`)
    if (words.includes('NX') && words.length > 1)
      throw new ReplyError('ERR NX and XX, GT or LT options at the same time are not compatible')
    if (words.includes('GT') && words.includes('LT'))
      throw new ReplyError('ERR GT and LT options at the same time are not compatible')
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

/** What is left, rounded as Redis rounds it; -1 for a key that stays, -2 for none. */
function timeToLive(unit: number): Command {
  return (store, [key = '']) => {
    const expiresAt = store.expiryOf(key)
    if (expiresAt === undefined) return -2
    return expiresAt === null ? -1 : Math.floor((expiresAt - store.now + unit / 2) / unit)
  }
}

function persist(store: Store, [key = '']: string[]): number {
  if (typeof store.expiryOf(key) !== 'number') return 0
  store.setExpiry(key, undefined)
  return 1
}

function scan(store: Store, [cursor, ...options]: string[]): Json {
  const { pattern, type } = scanOptions(cursor, options)
  const found = store.keys().filter(globMatcher(pattern))
  return ['0', type === undefined ? found : found.filter((key) => store.typeOf(key) === type)]
}

function flush(store: Store, [mode, ...rest]: string[]): string {
  if (rest.length > 0 || (mode !== undefined && !['ASYNC', 'SYNC'].includes(mode.toUpperCase()))) throw syntaxError()
  store.clear()
  return 'OK'
}

function ping(_store: Store, [message = 'PONG', ...rest]: string[], name: string): string {
  if (rest.length > 0) throw wrongArguments(name)
  return message
}
