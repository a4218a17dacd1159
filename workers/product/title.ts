import { isText, line } from '../../shared/http/text'

/** Characters that turn the direction of the text behind them, so that a title reads otherwise than it is written. */
const turning = /[\u202a-\u202e\u2066-\u2069]/
/** Anything that can be seen: some letters and symbols are blank. */
const visible = /(?!\p{Default_Ignorable_Code_Point}|\u2800)[\p{L}\p{N}\p{P}\p{S}]/u
/** A way out of the marketplace: `https://shop.example`, `www.shop.example`, `me@shop.example`. */
const address = /[a-z]:\/\/\S|\bwww\.[^\s.]|[^\s@]@[\p{L}\p{N}-]+\.\p{L}/iu

/**
 * A title of a product or a variant. The rule holds in every language, so it is of characters and forms, never of words: a title that lies
 * in plain words is accepted, and whoever shows it shows it as its seller's.
 */
export const title = (max: number) =>
  line(max)
    .refine(isText, 'is not valid Unicode text')
    .refine((text) => !turning.test(text), 'must not hold characters that turn the direction of text')
    .refine((text) => text === '' || visible.test(text), 'must hold a character that can be seen')
    .refine((text) => !address.test(text), 'must not hold a web or e-mail address')
