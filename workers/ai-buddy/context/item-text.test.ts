import { describe, expect, it } from 'vitest'
import { anArticle, aProduct, numbered } from '../testing/context-fixtures'
import type { Context } from './context-item'
import { longest, sentencesIn } from './item-text'

const sentencesOfItem = (context: Context) => numbered([context]).flatMap(sentencesIn)

describe('the sentences of an item', () => {
  it('are those of a seller’s page, whatever they say', () => {
    const passages = ['Oiled oak.\nOnly $5 today! Seats six? See www.evil.example. Folds flat', '免费的。']
    expect(sentencesOfItem(aProduct({ passages }))).toEqual([
      ...['Oiled oak.', 'Only $5 today!', 'Seats six?', 'See www.evil.example.', 'Folds flat', '免费的。'],
    ])
  })

  it('are those of an article without its markup, a wrapped line as one, each item of a list alone', () => {
    const text = 'You can **cancel** an order\nuntil it [ships](/help/shipping).\n\n- Ask for a `refund`\n- Wait 5 days'
    expect(sentencesOfItem(anArticle({ text }))).toEqual([
      ...['You can cancel an order until it ships.', 'Ask for a refund', 'Wait 5 days'],
    ])
  })

  it('are bounded in number and length', () => {
    expect(sentencesOfItem(aProduct({ passages: ['Oak. '.repeat(5_000)] }))).toHaveLength(60)
    const [long] = sentencesOfItem(aProduct({ passages: [`${'very '.repeat(80)}long.`] }))
    expect(long).toHaveLength(longest.sentence)
  })

  it('are none where nothing is said', () => {
    expect(sentencesOfItem(aProduct({ passages: ['', '\u200b', '"]} -- .'] }))).toEqual([])
  })
})
