import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, api } from '../support/api.ts'

/** How the requests of a soak ended, by `METHOD /path status code`. */
export type Tally = Map<string, number>

type Wish = { body?: unknown; key?: boolean | string }

/** Milliseconds between two tries, at most. */
const longestPause = 1_000
/** Milliseconds for which a client goes on trying: a request that died half-way holds its key for half a minute. */
const timeoutMs = 90_000

/** What a client repeats: what may have been done or not, and what is being done by an earlier try. */
const isUncertain = ({ status, json }: Answer): boolean =>
  status >= 500 || status === 429 || ['idempotency_in_progress', 'busy', 'conflict'].includes(json?.code)

/**
 * A client as one should be written: it repeats what may have failed, with the same Idempotency-Key, until it gets a definite answer.
 * Counts every answer. @throws Error when nothing certain was said after many tries
 */
export function client(base: string, tally: Tally, random: () => number, token?: string) {
  const part = () => 1 + Math.floor(random() * 250)
  const address = `10.${part()}.${part()}.${part()}`
  return async (method: string, path: string, { body, key = method !== 'GET' }: Wish = {}): Promise<Answer> => {
    const headers = {
      'cf-connecting-ip': address,
      ...(key === false ? {} : { 'idempotency-key': key === true ? crypto.randomUUID() : key }),
    }
    const options = { headers, ...(token === undefined ? {} : { token }), ...(body === undefined ? {} : { body }) }
    const what = `${method} ${path.replace(/\?.*/, '').replace(/[a-z]+_[0-9a-z]{26}/g, '{id}')}`
    const end = Date.now() + timeoutMs
    for (let attempt = 1; ; attempt++) {
      const answer = await api(base, method, path, { ...options, expect: everyStatus })
      const outcome = `${what} ${answer.status}${answer.json?.code ? ` ${answer.json.code}` : ''}`
      tally.set(outcome, (tally.get(outcome) ?? 0) + 1)
      if (!isUncertain(answer)) return answer
      if (Date.now() > end) throw new Error(`${what} still answers ${answer.status} ${answer.json?.code} after ${attempt} tries`)
      await sleep(Math.min(100 * attempt, longestPause))
    }
  }
}

/** Whatever the answer is, it is counted. */
const everyStatus = Array.from({ length: 500 }, (_, index) => index + 100)

export type Client = ReturnType<typeof client>
