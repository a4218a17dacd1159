/**
 * Milliseconds that a Worker may take to begin an answer. To a request: less than the half minute for which an idempotency key is
 * locked. Of its health, and of the keys that tokens are checked by, a Worker that is well tells at once.
 */
export const patience = { request: 20_000, health: 3_000, keys: 3_000 } as const
