/** A place in the order of use. */
export type Link = { older?: Link | undefined; newer?: Link | undefined }

/**
 * Items in the order of their last use, as a linked list. A Map that deletes a key and sets it again has the same order, but keeps
 * a trace of each deletion until it grows: a key that is used all the time becomes slow.
 */
export class Lru<Item extends Link> {
  readonly #ends: Link = {}

  /** Makes an item, new or not, the one used last. */
  use(item: Item): void {
    const last = this.#ends.older
    if (last === item) return
    this.remove(item)
    const ends = this.#ends
    item.older = last ?? ends
    item.newer = ends
    item.older.newer = item
    ends.older = item
  }

  remove(item: Item): void {
    const { older, newer } = item
    if (older === undefined || newer === undefined) return
    older.newer = newer
    newer.older = older
    item.older = undefined
    item.newer = undefined
  }

  /** The item that was not used for the longest time. */
  oldest(): Item | undefined {
    const first = this.#ends.newer
    return first === this.#ends ? undefined : (first as Item | undefined)
  }
}
