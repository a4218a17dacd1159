import type { DataApi } from '../contracts/data'

/** The most calls by service binding that the platform allows in one invocation of a Worker. */
export const maxCalls = 32

/** The document store behind a binding, and how many calls it has had. */
export function aCountedStore(binding: unknown) {
  const store = binding as Pick<DataApi, 'run' | 'batch'>
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
