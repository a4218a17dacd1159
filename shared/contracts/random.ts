/**
 * One random byte. They are drawn many at a time: a call of the platform for each would be most of what an id or a trace costs.
 * Not for secrets: take those from the platform's crypto.
 */
export function randomByte(): number {
  if (used === drawn.length) {
    crypto.getRandomValues(drawn)
    used = 0
  }
  return drawn[used++] ?? 0
}

const drawn = new Uint8Array(1024)
let used = drawn.length
