import { DurableObject } from 'cloudflare:workers'
import type { Json } from '../../shared/contracts/data'
import { execute, transact } from './cache/execute'
import { Store } from './cache/store'

type Answer = { result: Json } | { error: string }

/** Half of what an isolate may hold, so that an estimate that is off does no harm. */
const MAX_BYTES = 64 * 1024 * 1024

/** How long an expired key that nobody asks for may still take up memory. */
const SWEEP_EVERY_MS = 60_000

/**
 * The embedded Redis. All of it is in memory and may be lost at any time, which a cache may. Nothing below is async, so that
 * pipelines and transactions are atomic.
 */
export class CacheDO extends DurableObject<DataEnv> {
  readonly #store = new Store({ now: () => Date.now(), limit: MAX_BYTES, random: Math.random })
  #isSweepPlanned = false

  /** Runs commands in order; each answers for itself. */
  pipeline(commands: (string | number)[][]): Answer[] {
    const answers = commands.map((command) => execute(this.#store, command))
    this.#planSweep()
    return answers
  }

  /** As `pipeline`, but none is run when Redis would not have queued one of them. */
  transaction(commands: (string | number)[][]): Answer[] | { error: string } {
    const answers = transact(this.#store, commands)
    this.#planSweep()
    return answers
  }

  /** How many keys have a time to live, counting those whose time is over and which nothing has met since. */
  get expiring(): number {
    return this.#store.expiring
  }

  override alarm(): void {
    this.#isSweepPlanned = false
    this.#store.sweep()
    this.#planSweep()
  }

  #planSweep(): void {
    if (this.#isSweepPlanned || this.#store.expiring === 0) return
    this.#isSweepPlanned = true
    this.ctx.waitUntil(this.ctx.storage.setAlarm(Date.now() + SWEEP_EVERY_MS))
  }
}
