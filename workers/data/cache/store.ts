import { Collection, sizeOf } from './collection'
import { type Link, Lru } from './lru'
import { wrongType } from './reply'
import { type Page, ScanOrder } from './scan-order'

type Value = string | Collection
type Entry = Link & { key: string; value: Value; expiresAt: number | undefined; bytes: number }

type Options = {
  /** The time in milliseconds. */
  now: () => number
  /** The estimated memory in bytes above which the least recently used keys go. */
  limit: number
}

/** What is freed at once when there is no room, as a part of the limit, so that a full cache does not look for room at each write. */
const ROOM = 1 / 16

/**
 * Keys in memory; the least recently used go first. Expired keys do not exist for a reader, and are dropped when met, when room is
 * needed, and by `sweep`.
 */
export class Store {
  readonly #entries = new Map<string, Entry>()
  #lru = new Lru<Entry>()
  readonly #options: Options
  #bytes = 0
  #expiring = 0
  /** Exists from the first scan on. */
  #scanOrder: ScanOrder | undefined

  constructor(options: Options) {
    this.#options = options
  }

  get now(): number {
    return this.#options.now()
  }

  get bytes(): number {
    return this.#bytes
  }

  /** How many keys have a time to live, with those that have expired and are not dropped yet. */
  get expiring(): number {
    return this.#expiring
  }

  /** The text of a key, which becomes recently used; null for a missing key. @throws ReplyError WRONGTYPE */
  text(key: string): string | null {
    const value = this.#use(key)
    if (value instanceof Collection) throw wrongType()
    return value ?? null
  }

  /** The collection of a key, which becomes recently used. To be changed only by `change`. @throws ReplyError WRONGTYPE */
  collection(key: string, type: Collection['type']): Collection | undefined {
    const value = this.#use(key)
    if (value === undefined || (value instanceof Collection && value.type === type)) return value
    throw wrongType()
  }

  /**
   * Changes a collection by `work`, which must not throw. A missing key starts empty; a key whose collection ends empty is deleted,
   * as in Redis. @throws ReplyError WRONGTYPE
   */
  change<Result>(key: string, type: Collection['type'], work: (collection: Collection) => Result): Result {
    const collection = this.collection(key, type) ?? new Collection(type)
    const result = work(collection)
    if (collection.size === 0) this.delete(key)
    else this.#resize(this.#live(key) ?? this.#add(key, collection))
    return result
  }

  /** Puts a text in place of whatever the key held; a time that has come deletes the key. */
  put(key: string, text: string, expiresAt?: number): void {
    const entry = this.#live(key) ?? this.#add(key, text)
    this.#lru.use(entry)
    entry.value = text
    this.#expire(entry, expiresAt)
    if (this.#live(key) !== undefined) this.#resize(entry)
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
    this.#lru = new Lru()
    this.#scanOrder = undefined
    this.#bytes = 0
    this.#expiring = 0
  }

  typeOf(key: string): 'string' | Collection['type'] | undefined {
    const value = this.#live(key)?.value
    return typeof value === 'string' ? 'string' : value?.type
  }

  /** When a key expires; null for one that does not, undefined for a missing one. */
  expiryOf(key: string): number | null | undefined {
    const entry = this.#live(key)
    return entry && (entry.expiresAt ?? null)
  }

  /** A time that has come deletes the key. */
  setExpiry(key: string, expiresAt: number | undefined): void {
    const entry = this.#live(key)
    if (entry === undefined) return
    this.#expire(entry, expiresAt)
    this.#live(key)
  }

  /** A page of keys for SCAN. */
  page(cursor: number, count: number): Page {
    this.#scanOrder ??= new ScanOrder(this.#entries.keys())
    const { next, names } = this.#scanOrder.page(cursor, count)
    return { next, names: names.filter((key) => this.#live(key) !== undefined) }
  }

  /** Drops what has expired. */
  sweep(): void {
    if (this.#expiring === 0) return
    for (const key of this.#entries.keys()) this.#live(key)
  }

  #use(key: string): Value | undefined {
    const entry = this.#live(key)
    if (entry !== undefined) this.#lru.use(entry)
    return entry?.value
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (entry?.expiresAt === undefined || entry.expiresAt > this.now) return entry
    this.#drop(entry)
    return undefined
  }

  #add(key: string, value: Value): Entry {
    const entry: Entry = { key, value, expiresAt: undefined, bytes: 0 }
    this.#entries.set(key, entry)
    this.#lru.use(entry)
    this.#scanOrder?.add(key)
    return entry
  }

  #expire(entry: Entry, expiresAt: number | undefined): void {
    this.#expiring += Number(expiresAt !== undefined) - Number(entry.expiresAt !== undefined)
    entry.expiresAt = expiresAt
  }

  #drop(entry: Entry): void {
    this.#expire(entry, undefined)
    this.#entries.delete(entry.key)
    this.#lru.remove(entry)
    this.#scanOrder?.delete(entry.key)
    this.#bytes -= entry.bytes
  }

  /** Accounts for a changed value, and makes room for it: expired keys go first. */
  #resize(entry: Entry): void {
    const { key, value } = entry
    const bytes = sizeOf(key) + (typeof value === 'string' ? sizeOf(value) : value.bytes)
    this.#bytes += bytes - entry.bytes
    entry.bytes = bytes
    const { limit } = this.#options
    if (this.#bytes <= limit) return
    this.sweep()
    while (this.#bytes > limit * (1 - ROOM)) {
      const oldest = this.#lru.oldest()
      if (oldest === undefined) return
      this.#drop(oldest)
    }
  }
}
