import type { Commands } from './command'
import { integerOf, invalidExpiry, pairs, sumOf, syntaxError } from './reply'
import type { Store } from './store'

export const stringCommands: Commands = {
  get: [2, (store, [key = '']) => store.text(key)],
  set: [-3, set],
  mget: [-2, (store, keys) => keys.map((key) => (store.typeOf(key) === 'string' ? store.text(key) : null))],
  mset: [
    -3,
    (store, args, name) => {
      for (const [key, text] of pairs(args, name)) store.put(key, text)
      return 'OK'
    },
  ],
  getdel: [
    2,
    (store, [key = '']) => {
      const text = store.text(key)
      store.delete(key)
      return text
    },
  ],
  incr: [2, (store, [key = '']) => add(store, key, 1)],
  decr: [2, (store, [key = '']) => add(store, key, -1)],
  incrby: [3, (store, [key = '', by]) => add(store, key, integerOf(by))],
  decrby: [3, (store, [key = '', by]) => add(store, key, -integerOf(by))],
}

type Expiry = (value: number, now: number) => number

/** How SET may write an expiry, as a time in milliseconds. */
const expiries = new Map<string, Expiry>([
  ['EX', (seconds, now) => now + seconds * 1000],
  ['PX', (milliseconds, now) => now + milliseconds],
  ['EXAT', (seconds) => seconds * 1000],
  ['PXAT', (milliseconds) => milliseconds],
])

/** What each option of SET decides. Of two that decide the same, one is a syntax error. */
const subjects = new Map<string, 'condition' | 'expiry' | 'reply'>([
  ['NX', 'condition'],
  ['XX', 'condition'],
  ['GET', 'reply'],
  ['KEEPTTL', 'expiry'],
  ...[...expiries.keys()].map((option) => [option, 'expiry'] as const),
])

type Options = { condition?: string; reply?: string; expiry?: string; time?: string }

function readOptions(words: readonly string[]): Options {
  const options: Options = {}
  for (let at = 0; at < words.length; at++) {
    const word = words[at]?.toUpperCase() ?? ''
    const subject = subjects.get(word)
    if (subject === undefined || (options[subject] ?? word) !== word) throw syntaxError()
    options[subject] = word
    if (!expiries.has(word)) continue
    const time = words[++at]
    if (time === undefined) throw syntaxError()
    options.time = time
  }
  return options
}

function set(store: Store, [key = '', text = '', ...words]: string[], name: string): string | null {
  const options = readOptions(words)
  const expiresAt = expiryOf(options, store.now, name)
  const previous = options.reply ? store.text(key) : null
  const isThere = store.typeOf(key) !== undefined
  if (options.condition && isThere !== (options.condition === 'XX')) return previous
  store.put(key, text, options.expiry === 'KEEPTTL' ? (store.expiryOf(key) ?? undefined) : expiresAt)
  return options.reply ? previous : 'OK'
}

/** @throws ReplyError unless it is a positive integer */
function expiryOf({ expiry = '', time }: Options, now: number, name: string): number | undefined {
  const at = expiries.get(expiry)
  if (at === undefined) return undefined
  const value = integerOf(time)
  const expiresAt = at(value, now)
  if (value <= 0 || !Number.isSafeInteger(expiresAt)) throw invalidExpiry(name)
  return expiresAt
}

/** A counter keeps its time to live. */
function add(store: Store, key: string, by: number): number {
  const sum = sumOf(integerOf(store.text(key) ?? '0'), by)
  store.put(key, String(sum), store.expiryOf(key) ?? undefined)
  return sum
}
