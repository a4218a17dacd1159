import { globMatcher } from './glob'
import { integerOf, ReplyError, syntaxError } from './reply'

type Scan = { cursor: number; count: number; matches: (name: string) => boolean; type?: string }

const DEFAULT_COUNT = 10

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
