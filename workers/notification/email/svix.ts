import type { Instant } from '../../../shared/contracts/ids'

/** How far a timestamp may differ from now, in either direction, because of clocks and transport. */
export const tolerance: Instant = 5 * 60_000

const encoder = new TextEncoder()

/**
 * Whether the headers sign these bytes under the secret (`whsec_` and base64) and are not stale. There are several signatures while a
 * secret is rolled; one valid signature suffices. Source: https://docs.svix.com/receiving/verifying-payloads/how-manual
 */
export async function verify(payload: Uint8Array, headers: Headers, secret: string, now: Instant): Promise<boolean> {
  const id = headers.get('svix-id') ?? ''
  const seconds = headers.get('svix-timestamp') ?? ''
  if (!/^[\x21-\x7e]{1,256}$/.test(id) || !/^\d{1,12}$/.test(seconds)) return false
  if (Math.abs(now - Number(seconds) * 1_000) > tolerance) return false
  const key = await keyOf(secret)
  const signed = signedBytes(id, seconds, payload)
  for (const each of (headers.get('svix-signature') ?? '').slice(0, 1_000).split(' ')) {
    const [, encoded] = /^v1,([A-Za-z0-9+/]{43}=)$/.exec(each) ?? []
    // `verify` compares in constant time.
    if (encoded && (await crypto.subtle.verify('HMAC', key, bytesOf(encoded), signed))) return true
  }
  return false
}

const keyOf = (secret: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', bytesOf(secret.replace(/^whsec_/, '')), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))

function signedBytes(id: string, seconds: string, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const prefix = encoder.encode(`${id}.${seconds}.`)
  const bytes = new Uint8Array(prefix.length + payload.length)
  bytes.set(prefix)
  bytes.set(payload, prefix.length)
  return bytes
}
