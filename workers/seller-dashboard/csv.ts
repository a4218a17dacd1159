/** Text that a spreadsheet would run as a formula. Source: OWASP, CSV Injection */
const formula = /^[=+\-@\t\r]/

/** A table as CSV with a header and lines ending in CRLF. Text that looks like a formula gets an apostrophe in front. Source: RFC 4180 */
export const toCsv = (header: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [header, ...rows].map((row) => `${row.map(toField).join(',')}\r\n`).join('')

function toField(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const text = formula.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
