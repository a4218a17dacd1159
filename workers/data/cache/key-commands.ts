import type { Json } from '../../../shared/contracts/data'
import type { Command, Commands } from './command'
import { integerOf, invalidExpiry, ReplyError } from './reply'
import { scanOptions } from './scan-options'
import type { Store } from './store'

export const keyCommands: Commands = {
  ping: [1, () => 'PONG'],
  flushall: [
    1,
    (store) => {
      store.clear()
      return 'OK'
    },
  ],
  del: [-2, (store, keys) => keys.filter((key) => store.delete(key)).length],
  exists: [-2, (store, keys) => keys.filter((key) => store.typeOf(key) !== undefined).length],
  type: [2, (store, [key = '']) => store.typeOf(key) ?? 'none'],
  expire: [-3, expire(1000)],
  pexpire: [-3, expire(1)],
  ttl: [2, timeToLive(1000)],
  pttl: [2, timeToLive(1)],
  persist: [2, persist],
  scan: [-2, scan],
}

function expire(unit: number): Command {
  return (store, [key = '', time, option], name) => {
    if (option !== undefined) throw new ReplyError(`ERR Unsupported option ${option}`)
    const expiresAt = store.now + integerOf(time) * unit
    if (!Number.isSafeInteger(expiresAt)) throw invalidExpiry(name)
    if (store.typeOf(key) === undefined) return 0
    store.setExpiry(key, expiresAt)
    return 1
  }
}

/** What is left, rounded as Redis rounds it; -1 for a key that does not expire, -2 for none. */
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
  const { cursor: from, count, matches, type } = scanOptions(cursor, options, true)
  const { next, names } = store.page(from, count)
  return [String(next), names.filter((key) => matches(key) && (type === undefined || store.typeOf(key) === type))]
}
