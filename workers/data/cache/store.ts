import { wrongType } from './reply'
import { emptyValue, isEmpty, sizeOf, type Type, type Value, type ValueOf } from './value'

type Entry = { value: Value; expiresAt: number | undefined; bytes: number }

/**
 * Keys in memory, the least recently used first. Expired keys are gone for every reader and are dropped when met, or
 * when room is needed.
 */
export class Store {
  readonly #entries = new Map<string, Entry>()
  readonly #now: () => number
  readonly #limit: number
  #bytes = 0

  /** `now` is in milliseconds; `limit` is the estimated memory in bytes above which the least recently used keys go. */
  constructor(now: () => number, limit: number) {
    this.#now = now
    this.#limit = limit
  }

  get now(): number {
    return this.#now()
  }

  get bytes(): number {
    return this.#bytes
  }

  /** What a key holds, which makes it recently used. @throws ReplyError WRONGTYPE */
  get<T extends Type>(key: string, type: T): ValueOf<T> | undefined {
    const entry = this.#live(key)
    if (entry === undefined) return undefined
    if (entry.value.type !== type) throw wrongType()
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.value as ValueOf<T>
  }

  /** As `get`, for a change: a missing key starts empty. `settle` must follow. */
  open<T extends Type>(key: string, type: T): ValueOf<T> {
    const found = this.get(key, type)
    if (found !== undefined) return found
    const value = emptyValue(type)
    this.#add(key, value, undefined)
    return value
  }

  /** Accounts for a changed value: forgets it when it is empty, and others when there is no room. */
  settle(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    if (isEmpty(entry.value)) {
      this.delete(key)
      return
    }
    const bytes = entry.value.bytes + sizeOf(key)
    this.#bytes += bytes - entry.bytes
    entry.bytes = bytes
    this.#makeRoom()
  }

  /** Puts a string in place of whatever the key held. */
  setText(key: string, text: string, expiresAt?: number): void {
    this.delete(key)
    if (expiresAt !== undefined && expiresAt <= this.now) return
    this.#add(key, { type: 'string', text, bytes: sizeOf(text) }, expiresAt)
    this.settle(key)
  }

  /** Returns whether the key was there. */
  delete(key: string): boolean {
    const entry = this.#live(key)
    if (entry === undefined) return false
    this.#drop(key, entry)
    return true
  }

  clear(): void {
    this.#entries.clear()
    this.#bytes = 0
  }

  typeOf(key: string): Type | undefined {
    return this.#live(key)?.value.type
  }

  /** When a key expires; null for one that does not, undefined for one that is not there. */
  expiryOf(key: string): number | null | undefined {
    const entry = this.#live(key)
    return entry && (entry.expiresAt ?? null)
  }

  /** A time that has come deletes the key. */
  setExpiry(key: string, expiresAt: number | undefined): void {
    const entry = this.#live(key)
    if (entry === undefined) return
    if (expiresAt !== undefined && expiresAt <= this.now) this.#drop(key, entry)
    else entry.expiresAt = expiresAt
  }

  keys(): string[] {
    return [...this.#entries.keys()].filter((key) => this.#live(key) !== undefined)
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (entry?.expiresAt === undefined || entry.expiresAt > this.now) return entry
    this.#drop(key, entry)
    return undefined
  }

  #add(key: string, value: Value, expiresAt: number | undefined): void {
    this.#entries.set(key, { value, expiresAt, bytes: 0 })
  }

  #drop(key: string, entry: Entry): void {
    this.#entries.delete(key)
    this.#bytes -= entry.bytes
  }

  /** Expired keys go first: dropping them costs a look at all, which is only paid when memory is short. */
  #makeRoom(): void {
    if (this.#bytes <= this.#limit) return
    this.keys()
    for (const [key, entry] of this.#entries) {
      if (this.#bytes <= this.#limit) return
      this.#drop(key, entry)
    }
  }
}
