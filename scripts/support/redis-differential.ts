import { seeded } from '../../shared/testing/interleaving.ts'
import { comparable, type Reply } from '../../workers/data/cache/conformance/cases.ts'
import { execute } from '../../workers/data/cache/execute.ts'
import { Store } from '../../workers/data/cache/store.ts'
import { randomCommand } from './redis-random.ts'

/** Far above what the commands store: nothing is evicted. */
const LIMIT = 1_000_000_000

/** How far two clocks may be apart when a time to live is counted from now, in milliseconds. */
const CLOCKS_MS = 10_000

/** The first command of a random sequence that the embedded engine and a server answer differently; undefined when none is. */
export async function firstDifference(
  seed: number,
  length: number,
  server: (commands: string[][]) => Promise<Reply[]>,
): Promise<{ command: string[]; embedded: Reply; redis: Reply } | undefined> {
  const random = seeded(seed)
  const store = new Store({ now: Date.now, limit: LIMIT, random })
  const commands = [['FLUSHALL'], ...Array.from({ length }, () => randomCommand(random))]
  const replies = await server(commands)
  for (const [at, command] of commands.entries()) {
    const [embedded, redis] = [execute(store, command), replies[at] ?? { error: 'no reply' }]
    if (!isSame(command, embedded, redis)) return { command, embedded, redis }
  }
  return undefined
}

function isSame(command: string[], embedded: Reply, redis: Reply): boolean {
  if (command[0]?.endsWith('EXPIRETIME') && 'result' in embedded && 'result' in redis) {
    const apart = Math.abs(Number(embedded.result) - Number(redis.result))
    return apart < (command[0] === 'EXPIRETIME' ? CLOCKS_MS / 1000 : CLOCKS_MS)
  }
  return JSON.stringify(comparable(command, embedded)) === JSON.stringify(comparable(command, redis))
}
