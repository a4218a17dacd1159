import { invalid, unsupported } from '../values/refusal'

/** PCRE's white space, which is ASCII unless it is told otherwise; JavaScript's has all of Unicode's. */
const SPACE = '\\t\\n\\v\\f\\r '

/**
 * A pattern of MongoDB's (PCRE) as JavaScript's own. What the two read differently is translated, or refused: in Unicode mode JavaScript
 * takes no escape, brace or bracket that it does not know.
 * @throws AppError `data_invalid` for options MongoDB does not know, `data_unsupported` for patterns only PCRE reads
 */
export function compileRegex(pattern: unknown, options: unknown = ''): RegExp {
  if (typeof pattern !== 'string' || typeof options !== 'string') throw invalid('$regex and $options need text')
  if (!/^[imsxu]*$/.test(options)) throw invalid(`$options '${options}' are not of i, m, s, x and u`)
  if (options.includes('x')) throw unsupported('$options x (extended patterns) is not supported')
  if (pattern.includes('\0')) throw invalid('A regular expression cannot hold a NUL')
  const has = (option: string) => options.includes(option)
  try {
    return new RegExp(translate(pattern, has('m'), has('s')), has('i') ? 'iu' : 'u')
  } catch {
    throw unsupported(`The regular expression '${pattern}' is not supported`)
  }
}

function translate(pattern: string, multiline: boolean, dotAll: boolean): string {
  const anchors: Record<string, string> = {
    '.': dotAll ? '[^]' : '[^\\n]',
    '^': multiline ? '(?<![^\\n])' : '^',
    // Before a last line's end too, which JavaScript's own does not see.
    $: multiline ? '(?![^\\n])' : '(?=\\n?$)',
  }
  let result = ''
  let inClass = false
  const characters = [...pattern]
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? ''
    if (character === '\\') result += escaped(characters[++at], inClass)
    else if (inClass) {
      // POSIX names such as [:alpha:] stand in brackets of their own.
      if (character === '[') throw new SyntaxError('A bracket within brackets')
      inClass = character !== ']'
      result += character
    } else if (character === '[') {
      inClass = true
      const negated = characters[at + 1] === '^'
      if (negated) at++
      if (characters[at + 1] === ']') throw new SyntaxError('A bracket that PCRE takes for itself')
      result += negated ? '[^' : '['
    } else result += anchors[character] ?? character
  }
  return result
}

function escaped(character: string | undefined, inClass: boolean): string {
  if (character === undefined) throw new SyntaxError('A backslash at the end')
  if (character === 's') return inClass ? SPACE : `[${SPACE}]`
  if (character === 'S' && !inClass) return `[^${SPACE}]`
  if (/[dDwWtnrfvbB]/.test(character) && !(inClass && /[vbB]/.test(character))) return verbatim(character)
  if (/[\p{L}\p{N}]/u.test(character)) throw new SyntaxError('An escape that PCRE and JavaScript read differently')
  return /[\^$\\.*+?()[\]{}|/]/.test(character) || (inClass && character === '-') ? `\\${character}` : character
}

/** PCRE's \v is any vertical space. */
function verbatim(character: string): string {
  return character === 'v' ? '[\\n\\v\\f\\r\\x85\\u2028\\u2029]' : `\\${character}`
}
