import { z } from '@hono/zod-openapi'
import { AppError } from '../../../shared/contracts/errors'
import { type Instant, idSchema, type SessionId, type UserId } from '../../../shared/contracts/ids'

/** The right to open one live session of one user; the user's Durable Object ensures that `nonce` is used once. */
export type Ticket = { userId: UserId; sessionId: SessionId; nonce: string; expiresAt: Instant }

/** How long a ticket is valid. */
export const ticketFor: Instant = 30_000

const TicketSchema = z.tuple([idSchema('usr'), idSchema('ses'), z.string().min(1), z.coerce.number().int()])

/** `base64url(user.session.nonce.expiry).base64url(HMAC-SHA-256)`: with the secret, its user is known without a lookup. */
export async function sealTicket({ userId, sessionId, nonce, expiresAt }: Ticket, secret: string): Promise<string> {
  const payload = new TextEncoder().encode([userId, sessionId, nonce, expiresAt].join('.'))
  const seal = await crypto.subtle.sign('HMAC', await keyOf(secret), payload)
  return `${encode(payload)}.${encode(new Uint8Array(seal))}`
}

/** Verifies and reads a ticket. @throws AppError `token_invalid` for one that is forged, malformed or expired */
export async function openTicket(text: string, secret: string, now: Instant): Promise<Ticket> {
  const [payload, seal, ...rest] = text.split('.').map(decode)
  if (!payload || !seal || rest.length > 0) throw refusal()
  if (!(await crypto.subtle.verify('HMAC', await keyOf(secret), seal, payload))) throw refusal()
  const parts = TicketSchema.safeParse(new TextDecoder().decode(payload).split('.'))
  if (!parts.success) throw refusal()
  const [userId, sessionId, nonce, expiresAt] = parts.data
  if (expiresAt <= now) throw refusal()
  return { userId, sessionId, nonce, expiresAt }
}

const refusal = () => new AppError('token_invalid', 'The ticket is not valid; ask for a new one')

const keyOf = (secret: string) =>
  crypto.subtle.importKey('raw', new TextEncoder().encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])

const encode = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

function decode(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9_-]+$/.test(text) || text.length % 4 === 1) return null
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
}
