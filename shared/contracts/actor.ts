import { z } from '@hono/zod-openapi'
import { idSchema } from './ids'

export const roles = ['guest', 'buyer', 'seller', 'admin'] as const
export type Role = (typeof roles)[number]

/** Who acts, as the gateway read it from the access token. A seller's id is their user id. */
export const ActorSchema = z.strictObject({
  userId: idSchema('usr'),
  sessionId: idSchema('ses'),
  role: z.enum(roles),
  name: z.string(),
})
export type Actor = z.infer<typeof ActorSchema>

/** The header in which the gateway passes the actor on, base64url of its JSON. Inbound copies never get past the gateway. */
export const actorHeader = 'x-credenza-actor'
export const requestIdHeader = 'x-credenza-request-id'
/** Why the gateway refused the token of a request, a problem code, for routes that want an actor. */
export const tokenProblemHeader = 'x-credenza-token-problem'
/** The client's address, for throttles that count by address. */
export const addressHeader = 'x-credenza-address'

/** Every header that is between Workers alone begins so. */
export const internalPrefix = 'x-credenza-'
/** On a response that shows a product on sale: its seller, for counting views. */
export const viewedHeader = 'x-credenza-viewed'

export function encodeActor(actor: Actor): string {
  const bytes = new TextEncoder().encode(JSON.stringify(actor))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

/** The actor in the header; undefined for a header that is absent or not the gateway's. */
export function decodeActor(header: string | undefined): Actor | undefined {
  if (!header) return undefined
  try {
    const bytes = Uint8Array.from(atob(header.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
    return ActorSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DOMException) return undefined
    throw error
  }
}
