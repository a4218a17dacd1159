/** How long a dependency is waited for, and when it is left alone. Times are in milliseconds. */
export type Limits = {
  /** What one call may take. */
  patience: number
  /** Failures in a row after which it is left alone. */
  failures: number
  /** How long it is left alone before one call may try it again. */
  pause: number
}

type Declared = Limits & {
  /** What it is asked for. */
  asked: string
  /** What the marketplace does without it. */
  degraded: string
}

/** What the marketplace needs and does not itself run. */
export const dependencies = {
  database: {
    asked: 'every document: users, products, stock, orders, payments, notifications, records',
    // More than a pool of the data Worker waits for MongoDB, which knows better why it failed; less than the gateway waits.
    ...{ patience: 10_000, failures: 5, pause: 2_000 },
    degraded:
      'Answers 503 with Retry-After at once; carts go on with what was last known, products and first pages are answered as cached; events stay in their queues.',
  },
  cache: {
    asked: 'products and first pages as answered before, and who holds a product in a cart',
    ...{ patience: 1_000, failures: 3, pause: 5_000 },
    degraded: 'Everything is read from the database; news for the holders of a product waits in its queue.',
  },
  'payment-provider': {
    asked: 'intents, confirmations, refunds',
    ...{ patience: 8_000, failures: 5, pause: 10_000 },
    degraded:
      'Orders are placed and wait for their payment; a confirmation that was taken in stays processing and refunds stay pending until the reconciler gets through.',
  },
  email: {
    asked: 'mails to shoppers and sellers',
    ...{ patience: 10_000, failures: 5, pause: 30_000 },
    degraded: 'Mails stay queued and are tried again; the inbox and live frames go on.',
  },
  model: {
    asked: 'the choice of what the assistant says',
    // Less than the gateway waits for a whole answer.
    ...{ patience: 12_000, failures: 3, pause: 30_000 },
    degraded: 'Answers are composed of what was read, and say so.',
  },
  vectors: {
    asked: 'what is near in meaning to a question, and to keep products and articles findable by it',
    ...{ patience: 3_000, failures: 3, pause: 15_000 },
    degraded: 'Search goes by words alone; changes of products wait in their queue.',
  },
} as const satisfies Record<string, Declared>

export type DependencyName = keyof typeof dependencies
