import { execute } from '../cache/execute'
import { Store } from '../cache/store'

/** A cache whose clock the test moves. Commands are written as in a shell; `''` is an empty string. */
export function testCache(limit = 1_000_000) {
  const clock = { now: 1_000_000 }
  const store = new Store({ now: () => clock.now, limit })
  const run = (line: string): unknown => {
    const answer = execute(
      store,
      line.split(' ').map((word) => (word === "''" ? '' : word)),
    )
    return 'error' in answer ? answer.error : answer.result
  }
  return { clock, store, run }
}
