import type { Instant } from '../../shared/contracts/ids'

export const signatureHeader = 'credenza-signature'
/** How far a signature's time may differ from ours, in either direction, by clocks and transport. */
export const tolerance: Instant = 5 * 60_000

/**
 * The header of a signed payload: `t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.payload">`.
 * Source: https://docs.stripe.com/webhooks#verify-manually
 */
export async function sign(payload: string, secret: string, at: Instant): Promise<string> {
  const seconds = String(Math.floor(at / 1000))
  const mac = await crypto.subtle.sign('HMAC', await keyOf(secret), signed(seconds, new TextEncoder().encode(payload)))
  return `t=${seconds},v1=${Array.from(new Uint8Array(mac), (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/** Whether the header signs these bytes under the secret and is not stale. One valid `v1` suffices, since there are several while a secret is rolled. */
export async function verify(payload: Uint8Array, header: string | null, secret: string, now: Instant): Promise<boolean> {
  const parts = (header ?? '')
    .slice(0, 1_000)
    .split(',')
    .map((part) => part.trim().split('='))
  const seconds = parts.find(([scheme]) => scheme === 't')?.[1] ?? ''
  if (!/^\d{1,12}$/.test(seconds) || Math.abs(now - Number(seconds) * 1000) > tolerance) return false
  const key = await keyOf(secret)
  for (const [scheme, value = ''] of parts) {
    if (scheme !== 'v1' || !/^[0-9a-f]{64}$/.test(value)) continue
    const mac = Uint8Array.from(value.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
    // `verify` compares in constant time.
    if (await crypto.subtle.verify('HMAC', key, mac, signed(seconds, payload))) return true
  }
  return false
}

const keyOf = (secret: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', new TextEncoder().encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])

function signed(seconds: string, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const prefix = new TextEncoder().encode(`${seconds}.`)
  const bytes = new Uint8Array(prefix.length + payload.length)
  bytes.set(prefix)
  bytes.set(payload, prefix.length)
  return bytes
}
