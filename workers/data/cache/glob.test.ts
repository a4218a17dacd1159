import { describe, expect, it } from 'vitest'
import { testCache } from '../testing/cache'
import { globMatcher } from './glob'

describe('a pattern', () => {
  it('of many stars answers for a long text, where a matcher that tries every star anew would never end', () => {
    const text = 'a'.repeat(100_000)
    const matches = globMatcher('*a*a*a*a*a*a*a*a*a*a*b')
    expect([matches(text), matches(`${text}b`), matches(`${text}bb`), matches(`${text}bc`)]).toEqual([false, true, true, false])
  })

  it('continues after the last star, as often as it takes', () => {
    const matches = globMatcher('a*bc*d?f')
    expect(['abbcbcdddef', 'abcdef', 'abcdf', 'abdcef', 'abcdeff'].map(matches)).toEqual([true, true, false, false, false])
  })

  it('of more than 1024 bytes is refused', () => {
    const { run } = testCache()
    run('SET k v')
    expect(run(`SCAN 0 MATCH ${'*k'.repeat(512)}`)).toEqual(['0', []])
    expect(run(`SCAN 0 MATCH ${'*k'.repeat(512)}*`)).toBe('ERR a pattern may have at most 1024 bytes')
  })
})
