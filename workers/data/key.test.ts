import { describe, expect, it } from 'vitest'
import { isKey } from './key'

describe('the key', () => {
  it('is right only if it is equal', async () => {
    for (const [given, fits] of [
      ['key', true],
      ['Key', false],
      ['key ', false],
      ['ke', false],
      ['', false],
      [null, false],
    ] as const) {
      expect([given, await isKey(given, { DATA_API_KEY: 'key' })]).toEqual([given, fits])
    }
  })

  it('is never right if none is configured, not even an empty one', async () => {
    expect(await isKey('', { DATA_API_KEY: '' })).toBe(false)
    expect(await isKey('undefined', {} as { DATA_API_KEY: string })).toBe(false)
  })
})
