import type { Actor } from '../../shared/contracts/actor'
import { AppError } from '../../shared/contracts/errors'
import { readBounded } from '../../shared/http/body'
import { isCredentialDoor } from './routing'

/** The largest body that any door takes, in bytes. */
export const maxBodyBytes = 256 * 1024

type Limits = Pick<GatewayEnv, 'RATE_LIMIT' | 'RATE_LIMIT_AUTH' | 'ENVIRONMENT'>

/** Seconds after which a limited client may try again: the period of the binding, see wrangler/gateway.jsonc. */
const periods = { all: 10, credentials: 60 }

/**
 * Local clients all share one address, so local runs allow 30 times as much. They count in memory: the simulator of the platform's
 * limiter writes each request to a database, which costs more than all else that the gateway does.
 */
const localLimits = { all: memoryLimit(3000, periods.all), credentials: memoryLimit(300, periods.credentials) }

/**
 * Counts the request against its user, or its address when nobody is signed in; at credential doors also against the address.
 * Guests count by address too: whoever could have a new one for the asking would have a new allowance with each.
 * @throws AppError `too_many_requests`
 */
export async function limitRate(env: Limits, path: string, address: string, actor: Actor | undefined): Promise<void> {
  const { all, credentials } =
    env.ENVIRONMENT === 'local' ? localLimits : { all: env.RATE_LIMIT, credentials: env.RATE_LIMIT_AUTH }
  if (isCredentialDoor(path)) await spend(credentials, address, periods.credentials)
  await spend(all, actor && actor.role !== 'guest' ? actor.userId : address, periods.all)
}

/** As the platform's binding: so many in each period of so many seconds, all keys beginning their periods together. */
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
 * What an address is counted under: an IPv6 client commands a whole network of 64 bits, so its first four groups.
 * Source: RFC 6177, section 2; RFC 4291, section 2.2
 */
export function countedAs(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const [head = '', tail = ''] = address.toLowerCase().split('::')
  const groupsOf = (part: string) => (part === '' ? [] : part.split(':').map((group) => group.replace(/^0+(?=.)/, '')))
  const [before, after] = [groupsOf(head), groupsOf(tail)]
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0')
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`
}

async function spend(limit: RateLimit, key: string, period: number): Promise<void> {
  const { success } = await limit.limit({ key })
  if (!success) throw new AppError('too_many_requests', undefined, { retryAfter: period })
}

/**
 * The body, once it is known to be small enough; undefined when there is none, or when the method gives it no meaning.
 * @throws AppError `payload_too_large`
 */
export async function boundedBody(request: Request): Promise<Uint8Array | undefined> {
  if (!request.body || request.method === 'GET' || request.method === 'HEAD') return undefined
  return readBounded(
    request,
    maxBodyBytes,
    () => new AppError('payload_too_large', `The body may have ${maxBodyBytes} bytes at most`),
  )
}
