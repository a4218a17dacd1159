import { randomByte } from '../contracts/random'

/** W3C Trace Context, version 00. Source: https://www.w3.org/TR/trace-context/#traceparent-header */
const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/

const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function hex(bytes: number): string {
  let text = ''
  for (let left = bytes; left > 0; left--) text += digits[randomByte()]
  return text
}

export const newTraceparent = (): string => `00-${hex(16)}-${hex(8)}-01`

/** The same trace with a span of our own; a new trace when the inbound header is absent or malformed. */
export function continueTrace(inbound: string | undefined): string {
  const trace = inbound?.match(pattern)?.[1]
  return trace && !/^0+$/.test(trace) ? `00-${trace}-${hex(8)}-01` : newTraceparent()
}
