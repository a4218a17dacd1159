import { type ExpiryOption, expiryOf, isExpiryOption } from './expiry'
import { syntaxError } from './reply'
import type { Store } from './store'

type Expiry = { option: ExpiryOption; text: string }
type Options = { condition?: 'NX' | 'XX'; get: boolean; keep: boolean; persist: boolean; expiry?: Expiry }

/** The options of SET and GETEX, each of which knows some. @throws ReplyError for two that exclude each other */
function readOptions(options: readonly string[], known: readonly string[]): Options {
  const read: Options = { get: false, keep: false, persist: false }
  for (let at = 0; at < options.length; at++) {
    const word = options[at]?.toUpperCase() ?? ''
    const isTimed = read.keep || read.persist || read.expiry !== undefined
    if (isExpiryOption(word)) {
      const text = options[++at]
      if (text === undefined || read.keep || read.persist || (read.expiry?.option ?? word) !== word) throw syntaxError()
      read.expiry = { option: word, text }
    } else if (!known.includes(word)) throw syntaxError()
    else if (word === 'NX' || word === 'XX') {
      if ((read.condition ?? word) !== word) throw syntaxError()
      read.condition = word
    } else if (word === 'GET') read.get = true
    else if (word === 'KEEPTTL') {
      if (isTimed && !read.keep) throw syntaxError()
      read.keep = true
    } else {
      if (isTimed && !read.persist) throw syntaxError()
      read.persist = true
    }
  }
  return read
}

const timeOf = ({ expiry }: Options, now: number, name: string) => expiry && expiryOf(expiry.option, expiry.text, now, name)

export function set(store: Store, [key = '', text = '', ...words]: string[], name: string): string | null {
  const options = words.length === 0 ? undefined : readOptions(words, ['NX', 'XX', 'GET', 'KEEPTTL'])
  const expiresAt = options && timeOf(options, store.now, name)
  const previous = options?.get ? (store.get(key, 'string')?.text ?? null) : null
  if (options?.condition !== undefined && (store.typeOf(key) === undefined) !== (options.condition === 'NX')) return previous
  store.putText(key, text, options?.keep ? (store.expiryOf(key) ?? undefined) : expiresAt)
  return options?.get ? previous : 'OK'
}

export function getex(store: Store, [key = '', ...words]: string[], name: string): string | null {
  const options = readOptions(words, ['PERSIST'])
  const value = store.get(key, 'string')
  if (value === undefined) return null
  const expiresAt = timeOf(options, store.now, name)
  if (options.persist || expiresAt !== undefined) store.setExpiry(key, expiresAt)
  return value.text
}
