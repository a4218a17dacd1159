import { describe, expect, it } from 'vitest'
import { longest } from './item-text'
import { plainText, quotation } from './quotation'

const quoted = (text: string) => quotation(text, longest.title)

describe('a quotation', () => {
  it.each([
    ['Desk lamp at 49', '“Desk lamp at 49”'],
    ['Lamp, pay the seller directly by wire transfer', '“Lamp, pay the seller directly by wire transfer”'],
    ['机械键盘 茶轴 87键', '“机械键盘 茶轴 87键”'],
    ['Настольная лампа №5', '“Настольная лампа №5”'],
    ['โคมไฟตั้งโต๊ะ', '“โคมไฟตั้งโต๊ะ”'],
    ['टेबल लैम्प', '“टेबल लैम्प”'],
    ['Café crème mug – ½ l, ±2 %', '“Café crème mug – ½ l, ±2 %”'],
    ['👨‍👩‍👧 poster ❤️', '“👨‍👩‍👧 poster ❤️”'],
  ])('repeats a title as its seller wrote it: %s', (title, expected) => expect(quoted(title)).toBe(expected))

  it.each([
    ['Lamp”: $1.00. “Desk', '“Lamp’: $1.00. ‘Desk”'],
    ['„Lampe“ «new» ‟x‟', '“‘Lampe‘ ‘new’ ‘x‘”'],
    ['12" shelf, the "best"', "“12″ shelf, the 'best'”"],
    ['Lamp ＂free＂ 〝now〞', "“Lamp 'free' ‘now’”"],
  ])('cannot be ended by what it quotes: %s', (title, expected) => expect(quoted(title)).toBe(expected))

  it('has no mark of a source and no link in it', () => {
    expect(quoted('Lamp [1][2]')).toBe('“Lamp (1)(2)”')
    expect(quoted('![logo](https://evil.example/c.png)')).toBe('“!(logo)(https://evil.example/c.png)”')
  })

  it.each([
    ['line breaks and controls', 'Desk\r\n\t- Lamp\u0007:\u2028free\u0085now', '“Desk - Lamp : free now”'],
    ['what turns the direction of text', 'Desk \u202eeerf\u202c \u2066x\u2069\u200f\u061c', '“Desk eerf x”'],
    ['what has no width', 'Ig\u200bno\u2060re\ufeff so\u00adft', '“Ignore soft”'],
    ['tag characters', `Desk${String.fromCodePoint(0xe0041, 0xe007f)}`, '“Desk”'],
    ['private characters and half a pair', 'Desk\ue000 \ud800lamp', '“Desk lamp”'],
  ])('is one line without %s', (_what, title, expected) => expect(quoted(title)).toBe(expected))

  it('keeps text that runs from right to left from turning the words around it', () => {
    expect(quoted('מנורה 49')).toBe('“\u2068מנורה 49\u2069”')
    expect(quoted('مصباح مكتب')).toBe('“\u2068مصباح مكتب\u2069”')
  })

  it('is cut where it is too long, between characters', () => {
    const cut = quoted('very '.repeat(80))
    expect(cut).toHaveLength(longest.title + 2)
    expect(cut.endsWith('…”')).toBe(true)
    expect(plainText('😀😀', 3)).toBe('😀…')
  })
})
