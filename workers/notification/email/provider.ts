import type { RenderedEmail } from './content'

/** An adapter to an e-mail provider; the signal aborts a call that takes too long. */
export type Provider = (email: RenderedEmail, signal: AbortSignal) => Promise<void>
