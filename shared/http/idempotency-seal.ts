import { Buffer } from 'node:buffer'
import { canonical } from '../contracts/canonical'

/** What only a client with the same key and request can derive: a fingerprint that identifies it, and a key that decrypts its answer. */
export type Seal = { fingerprint: string; cipher: CryptoKey }

const bytesOf = (text: string) => new TextEncoder().encode(text)
const bits = 256
/** What AES-GCM wants, in bytes, new for every text. Source: NIST SP 800-38D, section 8.2.2 */
const nonceSize = 12

/** SHA-256 in hex of values, whatever the order of their members. */
export async function digestOf(...values: unknown[]): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytesOf(canonical(values)))).toString('hex')
}

/**
 * The seal of a request, by HKDF over its key and content. Neither is stored, so that a stored answer does not reveal what
 * was answered, nor a fingerprint what was asked: not even a password can be guessed at it. `id` is that of the record.
 */
export async function sealOf(id: string, key: string, asked: unknown): Promise<Seal> {
  const secret = await crypto.subtle.importKey('raw', bytesOf(canonical([key, asked])), 'HKDF', false, ['deriveBits'])
  const how = { name: 'HKDF', hash: 'SHA-256', salt: bytesOf(id), info: bytesOf('credenza idempotency') }
  const derived = Buffer.from(await crypto.subtle.deriveBits(how, secret, 2 * bits))
  const [fingerprint, raw] = [derived.subarray(0, bits / 8), derived.subarray(bits / 8)]
  const cipher = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
  return { fingerprint: fingerprint.toString('hex'), cipher }
}

export async function encrypt({ cipher }: Seal, text: string): Promise<string> {
  const nonce = crypto.getRandomValues(new Uint8Array(nonceSize))
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, cipher, bytesOf(text))
  return Buffer.concat([nonce, Buffer.from(sealed)]).toString('base64')
}

/** @throws OperationError for what another seal made, or what was changed since */
export async function decrypt({ cipher }: Seal, sealed: string): Promise<string> {
  const bytes = Buffer.from(sealed, 'base64')
  const how = { name: 'AES-GCM', iv: bytes.subarray(0, nonceSize) }
  return new TextDecoder().decode(await crypto.subtle.decrypt(how, cipher, bytes.subarray(nonceSize)))
}
