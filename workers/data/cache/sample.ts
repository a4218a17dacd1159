import { ReplyError } from './reply'
import type { Store } from './store'

/** The most items one reply repeats. */
const MOST = 100_000

/** Items chosen by chance: `count` different ones, or with a negative count that many, of which some may be the same. */
export function sample(store: Store, items: string[], count: number): string[] {
  if (count < -MOST) throw new ReplyError('ERR value is out of range')
  if (count < 0) return items.length === 0 ? [] : Array.from({ length: -count }, () => items[store.pick(items.length)] ?? '')
  const chosen = Math.min(count, items.length)
  for (let at = 0; at < chosen; at++) {
    const other = at + store.pick(items.length - at)
    const item = items[at] ?? ''
    items[at] = items[other] ?? ''
    items[other] = item
  }
  return items.slice(0, chosen)
}
