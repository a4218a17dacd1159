import { expect, it } from 'vitest'
import { toCsv } from './csv'

it('separates by commas, ends lines with CRLF and quotes fields that need it', () => {
  expect(
    toCsv(
      ['a', 'b'],
      [
        ['x,y', 'say "so"'],
        ['two\r\nlines', -1.5],
      ],
    ),
  ).toBe('a,b\r\n"x,y","say ""so"""\r\n"two\r\nlines",-1.5\r\n')
})

it('escapes text that a spreadsheet would run as a formula', () => {
  for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])
    expect(toCsv([], [[text]]).split('\r\n')[1]).toMatch(/^"?'/)
})
