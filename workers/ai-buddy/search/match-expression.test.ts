import { describe, expect, it } from 'vitest'
import { wordsOf } from '../text/tokens'
import { anyOf } from './match-expression'

describe('the expression of a search', () => {
  it.each(['a" OR title:b', 'NEAR(a b)', 'a* ^b', "'; DROP TABLE passages; --", '"', 'col : x AND NOT y'])(
    'quotes every operator in the question: %s',
    (question) => expect(anyOf(wordsOf(question)) ?? '"x"').toMatch(/^"[\p{L}\p{N}]+"( OR "[\p{L}\p{N}]+")*$/u),
  )
  it('is null for a question without words', () => expect(anyOf([])).toBeNull())
})
