import { beforeAll, describe, expect, it } from 'vitest'
import { cases, comparable, type Reply } from '../../workers/data/testing/cache-cases.ts'

const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = process.env

/** The suite empties the server, so it never runs on a server that others may use. */
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
// Reporters print that tests were skipped, but not why.
if (reason !== undefined) process.stderr.write(`Skipped, the tests of a Redis server: ${reason}\n`)

describe.skipIf(reason !== undefined)(
  `a Redis server behind the bridge${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    beforeAll(async () => {
      const [size] = await pipeline([['DBSIZE']])
      if (JSON.stringify(size) !== '{"result":0}') throw new Error('The server holds data, which these tests would delete')
      // Returned only when the server was empty: `afterAll` would also run, and empty the server, after that refusal.
      return async () => {
        await pipeline([['FLUSHALL']])
      }
    })

    it.each(cases)('as the embedded cache does, it $name', async ({ steps }) => {
      const [, ...replies] = await pipeline([['FLUSHALL'], ...steps.map(({ command }) => command)])
      for (const [at, { command, reply }] of steps.entries()) {
        expect(comparable(command, replies[at] ?? { error: 'none' }), command.join(' ')).toEqual(comparable(command, reply))
      }
    })
  },
)
