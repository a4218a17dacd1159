import { env } from 'cloudflare:workers'
import { afterAll } from 'vitest'
import { marketplace } from './marketplace'

/** What a file of tests tried, by what it is called: `crash points`, `interleavings`. */
const tried = new Map<string, number>()

export const count = (what: string, times = 1): void => void tried.set(what, (tried.get(what) ?? 0) + times)

/** Keeps what the tests of a file tried, and what became of the events meanwhile, where `npm test` finds it. */
export function keepCounts(name: string): void {
  afterAll(async () => {
    const { generated, deliveries, resent } = marketplace.deliveryLedger
    const counts = {
      ...Object.fromEntries(tried),
      'events generated': generated.size,
      deliveries: deliveries(),
      'sent again': resent(),
    }
    const { COUNTS } = env as unknown as { COUNTS: Fetcher }
    await COUNTS.fetch(`http://counts/${name}.json`, { method: 'POST', body: JSON.stringify(counts) })
  })
}

/**
 * What the environment of the run asks for; empty when it does not. With FAULT_QUARTER, 0 to 3, each fourth fault is tried, and all
 * of those that concern a Worker of FAULT_WORKERS, a list with commas.
 */
export const asked = env as unknown as { FAULT_SEED: string; FAULT_REPLAY: string; FAULT_QUARTER: string; FAULT_WORKERS: string }

/** The fourth of all faults that this run tries; null when it tries all. */
export const quarter = asked.FAULT_QUARTER === '' ? null : Number(asked.FAULT_QUARTER)
