/** A place in the order of use. */
export type Link = { older?: Link | undefined; newer?: Link | undefined }

/**
 * Items in the order of their last use, as a list of links. A Map would keep that order too, by deleting and setting again, but it
 * keeps the trace of each deletion in the chain of that key until it grows: a key used all the time becomes slow.
 */
export class Recency<Item extends Link> {
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
