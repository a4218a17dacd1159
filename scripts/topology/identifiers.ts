/**
 * What is no name: comments, strings, template text and regular expressions. A slash begins an expression only where a value may
 * stand. A template inside another one is read as code, which is near enough for a count.
 */
const noNames =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(?<=[(,=:[!&|?{};+]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g

/** What a template computes is code. */
const computedIn = (template: string): string => [...template.matchAll(/\$\{([^}]*)\}/g)].map(([, code]) => code).join(' ')

/** Every identifier of a TypeScript source, each once, in the order in which they come. */
export function identifiersIn(source: string): string[] {
  const code = source.replace(noNames, (text) => (text.startsWith('`') ? ` ${computedIn(text)} ` : ' '))
  return [...new Set(code.match(/[A-Za-z_$][\w$]*/g))]
}

/** The parts of a name, in lower case: `toLetterDto2` and `to-letter-dto2` are both `to letter dto2`. */
export const segmentsOf = (name: string): string[] =>
  name
    .split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/)
    .filter((part) => part !== '')
    .map((part) => part.toLowerCase())
