import { env, exports } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { cases, comparable, type Reply } from '../testing/cache-cases'

const worker = exports.default as unknown as Fetcher

async function pipeline(commands: string[][]): Promise<Reply[]> {
  const headers = { authorization: `Bearer ${env.DATA_API_KEY}` }
  const response = await worker.fetch('https://data/redis/pipeline', { method: 'POST', headers, body: JSON.stringify(commands) })
  return response.json()
}

describe('as Redis 7 does, the embedded cache', () => {
  it.each(cases)('$name', async ({ steps }) => {
    const [, ...replies] = await pipeline([['FLUSHALL'], ...steps.map(({ command }) => command)])
    for (const [at, { command, reply }] of steps.entries()) {
      expect(comparable(command, replies[at] ?? { error: 'none' }), command.join(' ')).toEqual(comparable(command, reply))
    }
  })
})
