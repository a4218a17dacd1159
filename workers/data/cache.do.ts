import { DurableObject } from 'cloudflare:workers'
import type { Json } from '../../shared/contracts/data'
import { execute } from './cache/execute'
import { Store } from './cache/store'

/** Half of what an isolate may hold, so that an estimate that is off does no harm. */
const MAX_BYTES = 64 * 1024 * 1024

/** The embedded Redis. All of it is in memory and may be lost at any time, which a cache may. */
export class CacheDO extends DurableObject<DataEnv> {
  readonly #store = new Store(() => Date.now(), MAX_BYTES)

  /** Runs commands in order; each answers for itself. */
  pipeline(commands: (string | number)[][]): ({ result: Json } | { error: string })[] {
    return commands.map((command) => execute(this.#store, command))
  }
}
