import type { Json } from '../../../shared/contracts/data'
import { countOf, integerOf, ReplyError, syntaxError } from './reply'
import type { Store } from './store'

type Search = { rank: number; count?: number; most: number }

const zeroRank =
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list"

function searchOptions(options: readonly string[]): Search {
  const search: Search = { rank: 1, most: 0 }
  for (let at = 0; at < options.length; at += 2) {
    const value = options[at + 1]
    if (value === undefined) throw syntaxError()
    const word = options[at]?.toUpperCase()
    if (word === 'RANK') search.rank = integerOf(value)
    else if (word === 'COUNT') search.count = countOf(value, () => new ReplyError("ERR COUNT can't be negative"))
    else if (word === 'MAXLEN') search.most = countOf(value, () => new ReplyError("ERR MAXLEN can't be negative"))
    else throw syntaxError()
    if (search.rank === 0) throw new ReplyError(zeroRank)
  }
  return search
}

/** Where an item is: the first place, or with COUNT the places of so many matches (0: of all), from the RANK-th on. */
export function lpos(store: Store, [key = '', text = '', ...options]: string[]): Json {
  const { rank, count, most } = searchOptions(options)
  const items = store.get(key, 'list')?.items ?? []
  const looked = most === 0 ? items.length : Math.min(most, items.length)
  const places = Array.from({ length: looked }, (_, at) => (rank > 0 ? at : items.length - 1 - at))
  const matches = places.filter((place) => items[place] === text).slice(Math.abs(rank) - 1)
  if (count === undefined) return matches[0] ?? null
  return count === 0 ? matches : matches.slice(0, count)
}
