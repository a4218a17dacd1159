import { beforeAll, describe, expect, it } from 'vitest'
import { cases, comparable, type Reply } from '../../workers/data/cache/conformance/cases.ts'
import { firstDifference } from './redis-differential.ts'

const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = process.env

/** The suite empties the server, so a server that somebody may need is none for it. */
function reasonToSkip(): string | undefined {
  if (!url || !token) return 'UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN name no bridge to a Redis server'
  return new URL(url).hostname === '127.0.0.1' ? undefined : 'the suite empties the server: it runs on 127.0.0.1 only'
}

async function pipeline(commands: string[][]): Promise<Reply[]> {
  const init = { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: JSON.stringify(commands) }
  const response = await fetch(`${url}/pipeline`, init)
  if (!response.ok) throw new Error(`The bridge answers ${response.status} ${await response.text()}`)
  return (await response.json()) as Reply[]
}

const reason = reasonToSkip()
// Reporters say that tests were skipped, but not why.
if (reason !== undefined) process.stderr.write(`Skipped, the tests of a Redis server: ${reason}\n`)

describe.skipIf(reason !== undefined)(
  `a Redis server behind the bridge${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    beforeAll(async () => {
      const [size] = await pipeline([['DBSIZE']])
      if (JSON.stringify(size) !== '{"result":0}') throw new Error('The server holds data, which these tests would delete')
      // Given back only after a start that found nothing: `afterAll` would also run, and empty the server, after that refusal.
      return async () => {
        await pipeline([['FLUSHALL']])
      }
    })

    it.each(cases)('answers as the embedded engine does: $name', async ({ steps }) => {
      const [, ...replies] = await pipeline([['FLUSHALL'], ...steps.map(({ command }) => command)])
      for (const [at, { command, reply }] of steps.entries()) {
        expect(comparable(command, replies[at] ?? { error: 'none' }), command.join(' ')).toEqual(comparable(command, reply))
      }
    })

    /**
     * Not compared, for a reason of Redis: what is random, and cursors (any are right); DBSIZE with expired keys that nobody met (it
     * counts them); ranges by name over different scores (undefined); sums of fractions beyond 64 bits (long double rounds them);
     * scores that are no sum of quarters (7.0 writes 17 digits, 7.2 the shortest). For a reason of ours: SETRANGE that cuts a
     * character apart (refused), and commands of families that the embedded engine does not have.
     */
    const first = Number(process.env.REDIS_SEED ?? 1)
    it.each(Array.from({ length: 50 }, (_, at) => first + at))(
      'answers random commands as the embedded engine does: REDIS_SEED=%i',
      async (seed) => {
        expect(await firstDifference(seed, 400, pipeline)).toBeUndefined()
      },
    )
  },
)
