import { Buffer } from 'node:buffer'
import type { Json } from '../../shared/contracts/data'

type Result = Json | Uint8Array

/** Every string in base64 of its bytes, at any depth. The caller excepts a reply that is `OK`. */
export function base64Of(result: Result): Json {
  if (typeof result === 'string') return Buffer.from(result, 'utf8').toString('base64')
  if (result instanceof Uint8Array) return Buffer.from(result).toString('base64')
  return Array.isArray(result) ? result.map(base64Of) : result
}

/** Replies as a Redis server sends them. Only `OK` is a simple string: JSON does not say which others were. */
export function respOf(replies: readonly ({ result: Result } | { error: string })[]): Uint8Array<ArrayBuffer> {
  const parts = replies.flatMap((reply) =>
    // As in Redis: an error that repeats what a client sent must not end its own line.
    'error' in reply ? [Buffer.from(`-${reply.error.replace(/[\r\n]/g, ' ')}\r\n`)] : partsOf(reply.result, true),
  )
  return new Uint8Array(Buffer.concat(parts))
}

function partsOf(result: Result, isOuter: boolean): Uint8Array[] {
  if (result === null) return [Buffer.from('$-1\r\n')]
  if (typeof result === 'number') return [Buffer.from(`:${result}\r\n`)]
  if (Array.isArray(result)) return [Buffer.from(`*${result.length}\r\n`), ...result.flatMap((item) => partsOf(item, false))]
  if (result === 'OK' && isOuter) return [Buffer.from('+OK\r\n')]
  const bytes = result instanceof Uint8Array ? result : Buffer.from(String(result))
  return [Buffer.from(`$${bytes.byteLength}\r\n`), bytes, Buffer.from('\r\n')]
}
