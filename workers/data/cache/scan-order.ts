export type Page = { next: number; names: string[] }

/**
 * Names, each at a position it keeps for as long as it exists. So a scan that continues from a position meets every name that exists
 * throughout, whatever is added or deleted meanwhile. Redis promises no more of SCAN.
 */
export class ScanOrder {
  readonly #names: (string | undefined)[] = []
  readonly #positions = new Map<string, number>()
  readonly #free: number[] = []

  constructor(names: Iterable<string>) {
    for (const name of names) this.add(name)
  }

  add(name: string): void {
    if (this.#positions.has(name)) return
    const position = this.#free.pop() ?? this.#names.length
    this.#names[position] = name
    this.#positions.set(name, position)
  }

  delete(name: string): void {
    const position = this.#positions.get(name)
    if (position === undefined) return
    this.#positions.delete(name)
    this.#names[position] = undefined
    this.#free.push(position)
  }

  /** The names at `count` positions from `cursor` on, and the next cursor: 0 after the last. */
  page(cursor: number, count: number): Page {
    const end = cursor + count
    const names = this.#names.slice(cursor, end).filter((name) => name !== undefined)
    return { next: end < this.#names.length ? end : 0, names }
  }
}
