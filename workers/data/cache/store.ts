import { type Link, Recency } from './recency'
import { wrongType } from './reply'
import { Slots } from './slots'
import { emptyValue, isEmpty, sizeOf, type Type, type Value, type ValueOf } from './value'

type Entry = Link & { key: string; value: Value; expiresAt: number | undefined; bytes: number }

type Options = {
  /** The time in milliseconds. */
  now: () => number
  /** The estimated memory in bytes above which the least recently used keys go. */
  limit: number
  /** At least 0 and less than 1, for the commands that choose by chance. */
  random: () => number
}

/** What is freed at once when there is no room, as a part of the limit, so that a full cache does not look for room at each write. */
const ROOM = 1 / 16

/**
 * Keys in memory, of which the least recently used go first. Expired keys are gone for every reader and are dropped when met, when room is
 * needed, and by `sweep`.
 */
export class Store {
  readonly #entries = new Map<string, Entry>()
  #recency = new Recency<Entry>()
  readonly #options: Options
  #bytes = 0
  #expiring = 0
  #slots: Slots | undefined

  constructor(options: Options) {
    this.#options = options
  }

  get now(): number {
    return this.#options.now()
  }

  get bytes(): number {
    return this.#bytes
  }

  /** How many keys have a time to live, also when it is over and nobody has met them since. */
  get expiring(): number {
    return this.#expiring
  }

  /** An integer from 0 to below `count`. */
  pick(count: number): number {
    return Math.floor(this.#options.random() * count)
  }

  /** What a key holds, whatever its type, which makes it recently used. */
  look(key: string): Value | undefined {
    const entry = this.#live(key)
    if (entry === undefined) return undefined
    this.#recency.use(entry)
    return entry.value
  }

  /** What a key holds, which makes it recently used. @throws ReplyError WRONGTYPE */
  get<T extends Type>(key: string, type: T): ValueOf<T> | undefined {
    const value = this.look(key)
    if (value !== undefined && value.type !== type) throw wrongType()
    return value as ValueOf<T> | undefined
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
      this.#drop(entry)
      return
    }
    const bytes = entry.value.bytes + sizeOf(key)
    this.#bytes += bytes - entry.bytes
    entry.bytes = bytes
    this.#makeRoom()
  }

  /** Puts a value in place of whatever the key held; an empty one, or a time that has come, deletes the key. */
  put(key: string, value: Value, expiresAt?: number): void {
    const entry = this.#live(key)
    if (expiresAt !== undefined && expiresAt <= this.now) {
      if (entry !== undefined) this.#drop(entry)
      return
    }
    if (entry === undefined) this.#add(key, value, expiresAt)
    else {
      this.#recency.use(entry)
      entry.value = value
      this.#expire(entry, expiresAt)
    }
    this.settle(key)
  }

  putText(key: string, text: string, expiresAt?: number): void {
    this.put(key, { type: 'string', text, bytes: sizeOf(text) }, expiresAt)
  }

  /** Returns whether the key was there. */
  delete(key: string): boolean {
    const entry = this.#live(key)
    if (entry === undefined) return false
    this.#drop(entry)
    return true
  }

  clear(): void {
    this.#entries.clear()
    this.#recency = new Recency()
    this.#slots = undefined
    this.#bytes = 0
    this.#expiring = 0
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
    if (expiresAt !== undefined && expiresAt <= this.now) this.#drop(entry)
    else this.#expire(entry, expiresAt)
  }

  keys(): string[] {
    return [...this.#entries.keys()].filter((key) => this.#live(key) !== undefined)
  }

  /** A page of keys for SCAN. Their places are kept from the first call on. */
  page(cursor: number, count: number): { next: number; names: string[] } {
    this.#slots ??= new Slots(this.#entries.keys())
    const { next, names } = this.#slots.page(cursor, count)
    return { next, names: names.filter((key) => this.#live(key) !== undefined) }
  }

  /** Drops what has expired. */
  sweep(): void {
    if (this.#expiring > 0) this.keys()
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (entry?.expiresAt === undefined || entry.expiresAt > this.now) return entry
    this.#drop(entry)
    return undefined
  }

  #add(key: string, value: Value, expiresAt: number | undefined): void {
    const entry: Entry = { key, value, expiresAt: undefined, bytes: 0 }
    this.#expire(entry, expiresAt)
    this.#entries.set(key, entry)
    this.#recency.use(entry)
    this.#slots?.add(key)
  }

  #expire(entry: Entry, expiresAt: number | undefined): void {
    this.#expiring += Number(expiresAt !== undefined) - Number(entry.expiresAt !== undefined)
    entry.expiresAt = expiresAt
  }

  #drop(entry: Entry): void {
    this.#expire(entry, undefined)
    this.#entries.delete(entry.key)
    this.#recency.remove(entry)
    this.#slots?.delete(entry.key)
    this.#bytes -= entry.bytes
  }

  /** Expired keys go first. */
  #makeRoom(): void {
    const { limit } = this.#options
    if (this.#bytes <= limit) return
    this.sweep()
    while (this.#bytes > limit * (1 - ROOM)) {
      const oldest = this.#recency.oldest()
      if (oldest === undefined) return
      this.#drop(oldest)
    }
  }
}
