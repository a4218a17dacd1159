import type { DataApi, Json } from '../contracts/data'
import type { StoreBindings } from '../storage/store'

/** The most calls by service binding that the platform allows in one invocation of a Worker. */
export const maxCalls = 32

/** A document store, and how many calls it has had. */
export function aCountedStore(store: Pick<DataApi, 'run' | 'batch'>) {
  const counted = {
    calls: 0,
    run: (...asked: Parameters<DataApi['run']>) => {
      counted.calls += 1
      return store.run(...asked)
    },
    batch: (...asked: Parameters<DataApi['batch']>) => {
      counted.calls += 1
      return store.batch(...asked)
    },
  }
  return counted
}

/** Bindings behind which a test's own store answers. What it has no method for is refused. */
export function storeBindings(store: Partial<DataApi>): StoreBindings {
  const { run, batch, cache, cachePipeline, cacheTransaction } = store
  const one = async (command: (string | number)[]) => ({ result: (await cache?.(command)) as Json })
  const pipeline = cachePipeline ?? ((commands: (string | number)[][]) => Promise.all(commands.map(one)))
  const documents = { getByName: () => ({ run, batch }) }
  return {
    DATA: { settings: async () => ({ engine: 'embedded' }) },
    DATABASE: documents,
    MONGO_POOLS: documents,
    CACHE: { getByName: () => ({ pipeline, transaction: cacheTransaction }) },
  }
}
