import { expect, it } from 'vitest'
import { sentencesOf, spaced } from './sentences'

it('a text is split into sentences at their marks and at the ends of lines, but not at abbreviations and figures', () => {
  expect(
    sentencesOf('It is oak.  It costs 2.50. No. 5 is e.g. red! “Yes.” (Really?) Folds\n- a\n\n- b: c, approx. 4 cm… d'),
  ).toEqual([
    ...[
      'It is oak.',
      'It costs 2.50.',
      'No. 5 is e.g. red!',
      '“Yes.”',
      '(Really?)',
      'Folds',
      '- a',
      '- b: c, approx. 4 cm…',
      'd',
    ],
  ])
  expect(sentencesOf(' \n\n ')).toEqual([])
})

it('sentences follow each other on a line, unless one begins a line', () => {
  expect(['Hello.', 'It is oak.', '- a', '\nTo compare:'].map((sentence, at) => spaced(sentence, at === 0)).join('')).toBe(
    'Hello. It is oak.\n- a\nTo compare:',
  )
})
