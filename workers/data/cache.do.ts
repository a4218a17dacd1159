import { DurableObject } from 'cloudflare:workers'
import { type Answer, execute, transact } from './cache/execute'
import { Store } from './cache/store'

/** Half of what an isolate may hold, so that a wrong estimate does no harm. */
const MAX_BYTES = 64 * 1024 * 1024

/** How long an expired key that no command meets may take up memory. */
const SWEEP_EVERY_MS = 60_000

/**
 * The embedded cache. All of it is in memory and may be lost at any time, as a cache may. Nothing below is async, so pipelines and
 * transactions are atomic.
 */
export class CacheDO extends DurableObject<DataEnv> {
  readonly #store = new Store({ now: () => Date.now(), limit: MAX_BYTES })
  #isSweepPlanned = false

  /** Runs commands in order; each answers for itself. */
  pipeline(commands: (string | number)[][]): Answer[] {
    const answers = commands.map((command) => execute(this.#store, command))
    this.#planSweep()
    return answers
  }

  /** As `pipeline`, but none is run when Redis would not queue one of them. */
  transaction(commands: (string | number)[][]): Answer[] | { error: string } {
    const answers = transact(this.#store, commands)
    this.#planSweep()
    return answers
  }

  /** How many keys have a time to live, with those that have expired and are not dropped yet. */
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
