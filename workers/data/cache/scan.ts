import { integerOf, ReplyError, syntaxError } from './reply'

/**
 * The options of a SCAN. All is given in the first page, which Redis allows (COUNT is a hint): no cursor over keys that
 * move with their use could promise to meet each of them.
 */
export function scanOptions(cursor: string | undefined, options: readonly string[]): { pattern: string; type?: string } {
  if (cursor === undefined || !/^\d{1,20}$/.test(cursor)) throw new ReplyError('ERR invalid cursor')
  let pattern = '*'
  let type: string | undefined
  for (let at = 0; at < options.length; at += 2) {
    const value = options[at + 1]
    if (value === undefined) throw syntaxError()
    const word = options[at]?.toUpperCase()
    if (word === 'MATCH') pattern = value
    else if (word === 'TYPE') type = value.toLowerCase()
    else if (word !== 'COUNT' || integerOf(value) < 1) throw syntaxError()
  }
  return type === undefined ? { pattern } : { pattern, type }
}
