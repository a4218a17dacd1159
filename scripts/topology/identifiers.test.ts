import { expect, test } from 'vitest'
import { identifiersIn, segmentsOf } from './identifiers.ts'

test('identifiers are those of code, each once, and not words of comments, strings, templates or expressions', () => {
  const source = [
    '// a comment: first',
    "const address = 'http://second' /* third */",
    'const text = `fourth #{address.length} fifth #{`sixth #{inner}`}`'.replaceAll('#', '$'),
    "const expression = /seventh'\\/[/`]/.test(address) && 8 / outer / 2",
    'address.text()',
  ].join('\n')
  const names = ['const', 'address', 'text', 'length', 'inner', 'expression', 'test', 'outer']
  expect(identifiersIn(source)).toEqual(expect.arrayContaining(names))
  for (const word of ['first', 'second', 'third', 'fourth', 'fifth', 'seventh']) expect(identifiersIn(source)).not.toContain(word)
})

test.each([
  ['toLetterDto', 'to letter dto'],
  ['HTTPServer', 'http server'],
  ['MAX_PATIENCE_MS', 'max patience ms'],
  ['dead-letters.test.ts', 'dead letters test ts'],
  ['_env2', 'env2'],
])('the segments of %s are %s', (name, segments) => {
  expect(segmentsOf(name).join(' ')).toBe(segments)
})
