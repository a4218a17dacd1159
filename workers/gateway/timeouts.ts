/**
 * Milliseconds that a Worker may take to begin an answer. `request` is less than the 30 s for which an idempotency key is locked.
 * Health and token keys are quick reads, so a healthy Worker answers them at once.
 */
export const timeouts = { request: 20_000, health: 3_000, keys: 3_000 } as const
