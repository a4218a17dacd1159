import type { Scored, ValueOf } from './value'

type SortedSet = ValueOf<'zset'>

const FIRST_SURROGATE = 0xd800
const AFTER_SURROGATES = 0xe000

/** Where a UTF-16 unit stands among UTF-8 bytes: surrogates spell what comes after everything else. */
function rankOf(unit: number): number {
  if (unit < FIRST_SURROGATE) return unit
  return unit < AFTER_SURROGATES ? unit + 0x2000 : unit - 0x800
}

/** Compares texts as Redis does: by the bytes of their UTF-8. */
export function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let at = 0; at < length; at++) {
    const difference = left.charCodeAt(at) - right.charCodeAt(at)
    if (difference !== 0) return rankOf(left.charCodeAt(at)) - rankOf(right.charCodeAt(at))
  }
  return left.length - right.length
}

function compareScored([left, a]: Scored, [right, b]: Scored): number {
  if (a !== b) return a < b ? -1 : 1
  return compareText(left, right)
}

/** Members by score, and among equals by name. Sorting happens once; changes keep the order from then on. */
export function ordered(zset: SortedSet | undefined): readonly Scored[] {
  if (zset === undefined) return []
  zset.order ??= [...zset.scores].sort(compareScored)
  return zset.order
}

/** The place of the first item that is not before `item`. */
function placeOf(order: readonly Scored[], item: Scored): number {
  let low = 0
  let high = order.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareScored(order[middle] ?? item, item) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** The rank of a member that is there. */
export function rankIn(zset: SortedSet, item: Scored): number {
  return placeOf(ordered(zset), item)
}

export function insertScored({ order }: SortedSet, item: Scored): void {
  order?.splice(placeOf(order, item), 0, item)
}

export function removeScored({ order }: SortedSet, item: Scored): void {
  order?.splice(placeOf(order, item), 1)
}
