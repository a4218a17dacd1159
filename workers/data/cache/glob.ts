/** Whether texts match a Redis pattern: `*`, `?`, `[abc]`, `[^a-z]`, and a backslash before a character meant as itself. */
export function globMatcher(pattern: string): (text: string) => boolean {
  const source = pattern.replace(/\\(.)|\[(\^?)((?:\\.|[^\]\\])*)\]|\*+|./gsu, translate)
  const expression = new RegExp(`^${source}$`, 'su')
  return (text) => expression.test(text)
}

function translate(token: string, escaped?: string, not?: string, group?: string): string {
  if (escaped !== undefined) return quote(escaped)
  if (group !== undefined) return group === '' ? '(?!)' : `[${not}${group.replace(/(\\?.)(?:-(\\?.))?/gsu, classItem)}]`
  if (token.startsWith('*')) return '.*'
  return token === '?' ? '.' : quote(token)
}

/** One character of a class or a range of them, which Redis takes in either direction. */
function classItem(_token: string, first: string, second?: string): string {
  const [low, high] = [first, second ?? first].map((item) => (item.at(-1) === '\\' ? '\\' : item.replace(/^\\/, ''))).sort()
  return [low, high].map((item = '') => item.replace(/[\\\]^[-]/, '\\$&')).join('-')
}

function quote(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')
}
