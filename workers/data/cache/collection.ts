import { type Page, ScanOrder } from './scan-order'

/** Up to this size Redis keeps a collection in a form that it gives whole in one page, whatever COUNT says. */
const SMALL = 128

/** An estimate of the memory of a string, in bytes; the empty one is shared. */
export const sizeOf = (text: string): number => (text === '' ? 0 : text.length * 2 + 32)

/** A hash, or a set, whose members are the fields of a hash with empty texts. */
export class Collection {
  readonly type: 'hash' | 'set'
  readonly #fields = new Map<string, string>()
  /** Exists from the first scan in pages on. */
  #scanOrder: ScanOrder | undefined
  #bytes = 0

  constructor(type: 'hash' | 'set') {
    this.type = type
  }

  get size(): number {
    return this.#fields.size
  }

  /** An estimate of the memory. */
  get bytes(): number {
    return this.#bytes
  }

  get(field: string): string | undefined {
    return this.#fields.get(field)
  }

  /** A hash field by field with its text, a set member by member. */
  flat(names: Iterable<string> = this.#fields.keys()): string[] {
    return this.type === 'set' ? [...names] : [...names].flatMap((field) => [field, this.get(field) ?? ''])
  }

  /** Returns whether the field is new. */
  put(field: string, text = ''): boolean {
    const previous = this.get(field)
    this.#bytes += sizeOf(text) + (previous === undefined ? sizeOf(field) : -sizeOf(previous))
    this.#fields.set(field, text)
    if (previous === undefined) this.#scanOrder?.add(field)
    return previous === undefined
  }

  /** Returns whether the field was there. */
  delete(field: string): boolean {
    const text = this.get(field)
    if (text === undefined) return false
    this.#bytes -= sizeOf(field) + sizeOf(text)
    this.#scanOrder?.delete(field)
    return this.#fields.delete(field)
  }

  page(cursor: number, count: number): Page {
    const isWhole = cursor === 0 && this.#scanOrder === undefined && this.size <= SMALL
    if (isWhole) return { next: 0, names: [...this.#fields.keys()] }
    this.#scanOrder ??= new ScanOrder(this.#fields.keys())
    return this.#scanOrder.page(cursor, count)
  }
}
