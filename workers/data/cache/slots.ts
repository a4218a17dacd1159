/**
 * Names, each at a place it keeps for as long as it is there, so that a scan that goes on from a place meets every name that
 * stays throughout, whatever comes and goes meanwhile. That is all Redis promises of SCAN too.
 */
export class Slots {
  readonly #names: (string | undefined)[] = []
  readonly #places = new Map<string, number>()
  readonly #free: number[] = []

  constructor(names: Iterable<string>) {
    for (const name of names) this.add(name)
  }

  add(name: string): void {
    if (this.#places.has(name)) return
    const place = this.#free.pop() ?? this.#names.length
    this.#names[place] = name
    this.#places.set(name, place)
  }

  delete(name: string): void {
    const place = this.#places.get(name)
    if (place === undefined) return
    this.#places.delete(name)
    this.#names[place] = undefined
    this.#free.push(place)
  }

  /** The names at `count` places from `cursor` on, and where to go on: 0 after the last. */
  page(cursor: number, count: number): { next: number; names: string[] } {
    const end = cursor + count
    const names = this.#names.slice(cursor, end).filter((name) => name !== undefined)
    return { next: end < this.#names.length ? end : 0, names }
  }
}
