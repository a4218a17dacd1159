/** A place in a file that is not there, because the file has changed since this was written. */
export class MissingPlace extends Error {}

const closing: Record<string, string> = { '[': ']', '{': '}', '(': ')' }

/** Comments and texts, whose brackets close nothing. */
const skipped = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/y

/** Where the bracket at `at` is closed. */
function closeOf(text: string, at: number): number {
  const open: string[] = []
  for (let index = at; index < text.length; index++) {
    skipped.lastIndex = index
    const skip = skipped.exec(text)
    if (skip) {
      index += skip[0].length - 1
      continue
    }
    const character = text.charAt(index)
    const close = closing[character]
    if (close !== undefined) open.push(close)
    else if (character === open.at(-1)) open.pop()
    if (open.length === 0) return index
  }
  throw new MissingPlace(`the bracket at ${at} is never closed`)
}

/** Where the last of `places` ends, each looked for behind the one before. */
function endOf(text: string, places: readonly RegExp[]): number {
  return places.reduce((from, place) => {
    const found = new RegExp(place.source, 'g')
    found.lastIndex = from
    if (!found.test(text)) throw new MissingPlace(`there is no ${place.source}`)
    return found.lastIndex
  }, 0)
}

/** A list or an object with one more item at its end. The last of `places` ends with the bracket that opens it. */
export function append(text: string, places: readonly RegExp[], item: string): string {
  const close = closeOf(text, endOf(text, places) - 1)
  const before = text.slice(0, close).trimEnd()
  const needsComma = !/[[{(,]$/.test(before)
  return `${before}${needsComma ? ',' : ''}\n${item}${before.endsWith(',') ? ',' : ''}\n${text.slice(close)}`
}

/** A text with more lines behind the line in which `place` is. */
export function insertAfter(text: string, place: RegExp, lines: string): string {
  const end = text.indexOf('\n', endOf(text, [place])) + 1
  return `${text.slice(0, end)}${lines}\n${text.slice(end)}`
}
