import { ReplyError } from './reply'

/** Redis writes the sums of INCRBYFLOAT with 17 digits after the point, less the zeros at the end. */
const DIGITS = 17
const SCALE = 10n ** BigInt(DIGITS)
/** Beyond this exponent nothing that a cache counts is left, and the digits of a sum would fill the memory. */
const MOST_EXPONENT = 300

const pattern = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d{1,3}))?$/i

/**
 * A decimal number in units of the 17th digit after its point, so that sums are exact to it, where Redis calculates in long double.
 * @throws ReplyError `notFloat` for a text that is no finite number
 */
export function decimalOf(text: string | undefined, notFloat: () => ReplyError): bigint {
  const match = pattern.exec(text ?? '')
  const [, sign, whole = '', part = '', power = '0'] = match ?? []
  const exponent = Number(power)
  if (match === null || whole + part === '' || Math.abs(exponent) > MOST_EXPONENT) throw notFloat()
  const shift = DIGITS - part.length + exponent
  const digits = BigInt(whole + part)
  const units = shift >= 0 ? digits * 10n ** BigInt(shift) : rounded(digits, 10n ** BigInt(-shift))
  return sign === '-' ? -units : units
}

export const infiniteSum = () => new ReplyError('ERR increment would produce NaN or Infinity')

export const isInfinite = (text: string | undefined) => /^[+-]?inf(inity)?$/i.test(text ?? '')

const rounded = (digits: bigint, divisor: bigint) => (digits + divisor / 2n) / divisor

export function decimalText(units: bigint): string {
  const size = units < 0n ? -units : units
  const part = String(size % SCALE)
    .padStart(DIGITS, '0')
    .replace(/0+$/, '')
  return `${units < 0n ? '-' : ''}${size / SCALE}${part === '' ? '' : `.${part}`}`
}
