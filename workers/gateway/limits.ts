import type { Actor } from '../../shared/contracts/actor'
import { AppError } from '../../shared/contracts/errors'
import { readBounded } from '../../shared/http/body'
import { limitJson } from './json-shape'
import { isCredentialEndpoint } from './routing'

/** The largest body that any endpoint takes, in bytes. */
export const maxBodyBytes = 256 * 1024
/** Characters of a URL, fields of a query, number of headers, characters of all headers together and of one value. */
export const maximum = { url: 8_192, queryFields: 50, headers: 100, allHeaders: 16_384, headerValue: 8_192 } as const

type Limits = Pick<GatewayEnv, 'RATE_LIMIT' | 'RATE_LIMIT_AUTH' | 'ENVIRONMENT'>

/** Seconds after which a limited client may try again: the period of the binding, see wrangler/gateway.jsonc. */
const periods = { all: 10, credentials: 60 }

/**
 * Local clients share one address, so local runs allow 30 times as much. They count in memory: the simulator of the platform's
 * limiter writes each request to a database, which costs more than everything else that the gateway does.
 */
const localLimits = { all: memoryLimit(3000, periods.all), credentials: memoryLimit(300, periods.credentials) }

/**
 * Counts the request against its user, or its address when no user is signed in; at credential endpoints also against the address.
 * Guests count by address too: a new guest session would otherwise be a new allowance.
 * @throws AppError `too_many_requests`
 */
export async function limitRate(env: Limits, path: string, address: string, actor: Actor | undefined): Promise<void> {
  const { all, credentials } =
    env.ENVIRONMENT === 'local' ? localLimits : { all: env.RATE_LIMIT, credentials: env.RATE_LIMIT_AUTH }
  if (isCredentialEndpoint(path)) await consume(credentials, address, periods.credentials)
  await consume(all, actor && actor.role !== 'guest' ? actor.userId : address, periods.all)
}

/** Like the platform's binding: `limit` requests in each period of `period` seconds; all keys share the start of a period. */
export function memoryLimit(limit: number, period: number, now: () => number = Date.now): RateLimit {
  const counts = new Map<string, number>()
  let epoch = 0
  return {
    limit: async ({ key }) => {
      const current = Math.floor(now() / 1000 / period)
      if (current !== epoch) counts.clear()
      epoch = current
      const count = (counts.get(key) ?? 0) + 1
      counts.set(key, count)
      return { success: count <= limit }
    },
  }
}

/**
 * The key that an address is counted under: for IPv6 its first four groups, since a client commands a whole network of 64 bits.
 * Source: RFC 6177, section 2; RFC 4291, section 2.2
 */
export function rateLimitKey(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const [head = '', tail = ''] = address.toLowerCase().split('::')
  const groupsOf = (part: string) => (part === '' ? [] : part.split(':').map((group) => group.replace(/^0+(?=.)/, '')))
  const [before, after] = [groupsOf(head), groupsOf(tail)]
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0')
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`
}

/** @throws AppError `bad_request` for a URL or headers larger than any client needs */
export function limitHeaders({ url, headers }: Request): void {
  const refusal = (what: string) => new AppError('bad_request', what)
  if (url.length > maximum.url) throw refusal(`The address may have ${maximum.url} characters at most`)
  const query = url.indexOf('?')
  if (query >= 0 && url.slice(query).split('&').length > maximum.queryFields)
    throw refusal(`The query may have ${maximum.queryFields} fields at most`)
  let count = 0
  let text = 0
  for (const [name, value] of headers) {
    count += 1
    text += name.length + value.length
    if (value.length > maximum.headerValue) throw refusal(`A header may have ${maximum.headerValue} characters at most`)
  }
  if (count > maximum.headers || text > maximum.allHeaders)
    throw refusal(`There may be ${maximum.headers} headers with ${maximum.allHeaders} characters at most`)
}

async function consume(limit: RateLimit, key: string, period: number): Promise<void> {
  const { success } = await limit.limit({ key })
  if (!success) throw new AppError('too_many_requests', undefined, { retryAfter: period })
}

/**
 * The body, if it is small enough, and shallow enough when it is JSON; undefined when there is none, or when the method gives it no
 * meaning.
 * @throws AppError `payload_too_large`
 */
export async function boundedBody(request: Request): Promise<Uint8Array | undefined> {
  if (!request.body || request.method === 'GET' || request.method === 'HEAD') return undefined
  const tooLarge = () => new AppError('payload_too_large', `The body may have ${maxBodyBytes} bytes at most`)
  const body = await readBounded(request, maxBodyBytes, tooLarge)
  if (/json/i.test(request.headers.get('content-type') ?? '')) limitJson(body)
  return body
}
