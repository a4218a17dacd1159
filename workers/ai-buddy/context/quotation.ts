/** Characters that hide or reorder what is shown. Joiners and variation selectors stay: many scripts and emoji need them. */
const hidden = /(?!\u200c|\u200d|[\ufe00-\ufe0f\u180b-\u180d\u180f])[\p{Default_Ignorable_Code_Point}\p{Co}\p{Cs}]/gu
const blanks = /[\s\p{Cc}\p{Z}]+/gu
/** Letters that run from right to left: Hebrew, Arabic and their neighbours. */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1eeff}]/u

/** A text as one line without hidden characters, cut after `most` characters. */
export function plainText(text: string, most: number): string {
  const line = text.normalize('NFC').replaceAll(hidden, '').replaceAll(blanks, ' ').trim()
  return line.length <= most ? line : `${line.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

/**
 * Other people's words between quotation marks. Nothing within can end the quotation, pass for the mark of a source such as `[1]`, or
 * change the order in which the words around it are shown. Source for the isolates: Unicode Standard Annex #9, section 2.4.
 */
export function quotation(text: string, most: number): string {
  const inner = plainText(text, most)
    .replaceAll(/[“„‟«〝❝]/g, '‘')
    .replaceAll(/[”»〞〟❞]/g, '’')
    .replaceAll(/(?<=\d)["＂]/g, '″')
    .replaceAll(/["＂]/g, "'")
    .replaceAll('[', '(')
    .replaceAll(']', ')')
  return rightToLeft.test(inner) ? `“\u2068${inner}\u2069”` : `“${inner}”`
}
