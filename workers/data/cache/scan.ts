import type { Json } from '../../../shared/contracts/data'
import { globMatcher } from './glob'
import { integerOf, ReplyError, syntaxError } from './reply'
import { Slots } from './slots'

type Page = { next: number; names: string[] }
type Scan = { cursor: number; count: number; matches: (name: string) => boolean; type?: string }

const DEFAULT_COUNT = 10
/** Up to this size Redis keeps a collection in a form that it gives whole in one page, whatever COUNT says. */
const SMALL = 128

/** The arguments of a SCAN. @throws ReplyError as Redis does; only SCAN itself `takesType` */
export function scanOptions(cursor: string | undefined, options: readonly string[], takesType = false): Scan {
  if (cursor === undefined || !/^\d{1,20}$/.test(cursor)) throw new ReplyError('ERR invalid cursor')
  const scan: Scan = { cursor: Number(cursor), count: DEFAULT_COUNT, matches: () => true }
  for (let at = 0; at < options.length; at += 2) {
    const value = options[at + 1]
    if (value === undefined) throw syntaxError()
    const word = options[at]?.toUpperCase()
    if (word === 'MATCH') scan.matches = globMatcher(value)
    else if (word === 'TYPE' && takesType) scan.type = value.toLowerCase()
    else if (word === 'COUNT') scan.count = integerOf(value)
    else throw syntaxError()
    if (scan.count < 1) throw syntaxError()
  }
  return scan
}

/** A page of a collection: its matching names, each as `entryOf` writes it. */
export function scanCollection(
  holder: { slots?: Slots } | undefined,
  names: { size: number; keys(): Iterable<string> },
  { cursor, count, matches }: Scan,
  entryOf: (name: string) => string[],
): Json {
  const { next, names: found } = pageOf(holder, names, cursor, count)
  return [String(next), found.filter(matches).flatMap(entryOf)]
}

function pageOf(
  holder: { slots?: Slots } | undefined,
  names: { size: number; keys(): Iterable<string> },
  cursor: number,
  count: number,
): Page {
  const isWhole = holder === undefined || (cursor === 0 && holder.slots === undefined && names.size <= SMALL)
  if (isWhole) return { next: 0, names: [...names.keys()] }
  holder.slots ??= new Slots(names.keys())
  return holder.slots.page(cursor, count)
}
