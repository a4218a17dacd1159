/** Timeout and circuit breaker of a dependency. Times are in milliseconds. */
export type Limits = {
  /** How long one call may take. */
  timeoutMs: number
  /** The breaker opens after so many failures in a row. */
  failures: number
  /** How long the breaker stays open before one call may try again. */
  resetTimeoutMs: number
}

type Declared = Limits & {
  /** What it is used for. */
  usedFor: string
  /** What the marketplace does without it. */
  degraded: string
}

/** What the marketplace needs and does not itself run. */
export const dependencies = {
  database: {
    usedFor: 'every document: users, products, stock, orders, payments, notifications, records',
    // More than a pool of the data Worker waits for MongoDB, which knows better why it failed; less than the gateway waits.
    ...{ timeoutMs: 10_000, failures: 5, resetTimeoutMs: 2_000 },
    degraded:
      'Answers 503 with Retry-After at once; carts go on with what was last known, products and first pages are answered as cached; events stay in their queues.',
  },
  cache: {
    usedFor: 'cached products and first pages, and the index of carts by product',
    ...{ timeoutMs: 1_000, failures: 3, resetTimeoutMs: 5_000 },
    degraded: 'Everything is read from the database; changes of products wait in the queue of the carts.',
  },
  'payment-provider': {
    usedFor: 'intents, confirmations, refunds',
    ...{ timeoutMs: 8_000, failures: 5, resetTimeoutMs: 10_000 },
    degraded:
      'Orders are placed and wait for their payment; a confirmation that was taken in stays processing and refunds stay pending until the reconciler gets through.',
  },
  email: {
    usedFor: 'mails to shoppers and sellers',
    ...{ timeoutMs: 10_000, failures: 5, resetTimeoutMs: 30_000 },
    degraded: 'Mails stay queued and are tried again; the inbox and live frames go on.',
  },
  model: {
    usedFor: 'choosing what the assistant answers',
    // Less than the gateway waits for a whole answer.
    ...{ timeoutMs: 12_000, failures: 3, resetTimeoutMs: 30_000 },
    degraded: 'Answers are composed without the model, and say so.',
  },
  vectors: {
    usedFor: 'search by meaning, and the vectors of products and articles',
    ...{ timeoutMs: 3_000, failures: 3, resetTimeoutMs: 15_000 },
    degraded: 'Search goes by words alone; changes of products wait in their queue.',
  },
} as const satisfies Record<string, Declared>

export type DependencyName = keyof typeof dependencies
