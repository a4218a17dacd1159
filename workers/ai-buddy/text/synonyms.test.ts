import { describe, expect, it } from 'vitest'
import { meaningsOf } from './synonyms'

describe('the meanings of a word', () => {
  it('include words that mean the same, in any form of the word', () => {
    expect(meaningsOf('trousers')).toContain('pants')
    expect(meaningsOf('parcels')).toEqual(expect.arrayContaining(['parcels', 'package']))
  })
  it('are the word alone where no other means the same', () => expect(meaningsOf('walnut')).toEqual(['walnut']))
})
