/** Made at the first use: a Worker has no random numbers while it starts. */
let process: string | undefined
let counter = 0

/** A new ObjectId: seconds, five random bytes of this process, and a counter, so that later ones sort last. `now` in milliseconds. */
export function newObjectId(now: number): { $oid: string } {
  if (process === undefined) {
    const random = crypto.getRandomValues(new Uint8Array(8))
    process = [...random.subarray(0, 5)].map((byte) => hex(byte, 2)).join('')
    counter = random.subarray(5).reduce((sum, byte) => sum * 256 + byte, 0)
  }
  counter = (counter + 1) % 0x1000000
  return { $oid: `${hex(Math.floor(now / 1000) % 0x100000000, 8)}${process}${hex(counter, 6)}` }
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}
