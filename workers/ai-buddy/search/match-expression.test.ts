import { describe, expect, it } from 'vitest'
import { wordsOf } from '../text/tokens'
import { anyOf } from './match-expression'

describe('an expression for the index', () => {
  it.each(['a" OR title:b', 'NEAR(a b)', 'a* ^b', "'; DROP TABLE passages; --", '"', 'col : x AND NOT y'])(
    'has no operator of the question in it: %s',
    (question) => expect(anyOf(wordsOf(question)) ?? '"x"').toMatch(/^"[\p{L}\p{N}]+"( OR "[\p{L}\p{N}]+")*$/u),
  )
  it('of no words is none', () => expect(anyOf([])).toBeNull())
})
