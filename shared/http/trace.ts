/** W3C Trace Context, version 00. Source: https://www.w3.org/TR/trace-context/#traceparent-header */
const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/

const hex = (bytes: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('')

export const newTraceparent = (): string => `00-${hex(16)}-${hex(8)}-01`

/** The same trace with a span of our own; a new trace when the inbound header is absent or malformed. */
export function continueTrace(inbound: string | undefined): string {
  const trace = inbound?.match(pattern)?.[1]
  return trace && !/^0+$/.test(trace) ? `00-${trace}-${hex(8)}-01` : newTraceparent()
}
