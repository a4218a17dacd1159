import { inject } from 'vitest'
import { createTestHarness, type TestHarness, type WorkerHandle } from 'wrangler'

/** One Worker of the constellation; `vitest.config.ts` provides the list, the gateway first, with random secrets. */
type ConstellationWorker = { configPath: string; secrets: Record<string, string>; vars: Record<string, string> }

declare module 'vitest' {
  interface ProvidedContext {
    constellation: ConstellationWorker[]
  }
}

type Options = {
  /** The domains of the Workers to start, when not all of them. */
  only?: readonly string[]
  /** Vars and secrets per domain that add to those of the config, such as `{ data: { MONGODB_URI: '...' } }`. */
  vars?: Record<string, Record<string, string>>
}

type Constellation = {
  /** The gateway's address on a free port of 127.0.0.1. */
  url: URL
  /** Calls the gateway: `fetch('/v1/products')`. */
  fetch: (path: string, init?: RequestInit) => Promise<Response>
  /** A handle on one Worker by its domain: `worker('order').scheduled({ cron: '* * * * *' })`. */
  worker: (domain: string) => WorkerHandle
  /** What the Workers logged so far. */
  logs: TestHarness['getLogs']
  close: () => Promise<void>
}

/** What names somebody's servers. Where the environment has them, the Workers that require them use those instead of the embedded engines. */
const servers = ['MONGODB_URI', 'UPSTASH_REDIS_REST_URL', 'UPSTASH_REDIS_REST_TOKEN'] as const

const serversFor = (secrets: Record<string, string>): Record<string, string> =>
  Object.fromEntries(servers.flatMap((name) => (name in secrets && process.env[name] ? [[name, process.env[name]]] : [])))

/**
 * One pool, so that an address with `maxPoolSize=1` means one connection in all: FerretDB 1.24 with SQLite does not update in a
 * transaction (https://github.com/FerretDB/FerretDB/issues/3040), and of two updates at once over two connections one gets lost.
 */
const onServers: NonNullable<Options['vars']> = process.env.MONGODB_URI ? { data: { MONGODB_POOLS: '1' } } : {}

let shared: Promise<Constellation> | undefined

/**
 * The constellation of all files that can live with what others did in it: that register people of their own and look at nothing but
 * what is theirs. It ends with the process.
 */
export function sharedConstellation(): Promise<Constellation> {
  shared ??= startConstellation()
  return shared
}

/**
 * Starts every Worker of wrangler/*.jsonc in one offline runtime, as `npm start` does but with memory for storage and nothing
 * carried over: about 3 s, so start one per file in `beforeAll`. To begin anew, close it and start another, which is four
 * times as fast as the harness's own `reset()`.
 *
 * - Queues deliver by themselves, a few milliseconds after the send, and follow `retry({ delaySeconds })`. A message that is
 *   retried without delay is in the dead-letter queue after six attempts, within 0.3 s, and that queue's consumer runs too. Wait for the
 *   effect by polling. To redeliver a message, or to send what no Worker would, take the binding:
 *   `(await worker('order').getEnv()).QUEUE_PAYMENT.send(envelope)`.
 * - RPC: `(await worker('order').getEnv()).INVENTORY.availability([...])` calls the real entrypoint as the order Worker would.
 *   `getEnv()` also holds the Durable Object namespaces, secrets and vars.
 * - Cron triggers never fire: `await worker('order').scheduled({ cron: '* * * * *' })` runs the handler and its `waitUntil`s.
 * - Durable Objects: alarms fire. `getDurableObjectStorage('CARTS', { name })` reads and writes their SQL from outside,
 *   `evictDurableObject('SESSIONS', { name, webSockets: 'hibernate' })` loses their memory and keeps their sockets.
 * - WebSocket: Node's own `new WebSocket(new URL('/v1/realtime?ticket=...', url).href)` works.
 */
export async function startConstellation({ only, vars: more = {} }: Options = {}): Promise<Constellation> {
  const vars = { ...onServers, ...more }
  const harness = createTestHarness({
    workers: inject('constellation').flatMap(({ configPath, secrets, vars: given }) => {
      const domain = configPath.replace(/^.*\/|\.jsonc$/g, '')
      if (only !== undefined && !only.includes(domain)) return []
      // A test's own secrets go before those of the environment: it may have a server for itself.
      const added = Object.groupBy(Object.entries(vars[domain] ?? {}), ([name]) => (name in secrets ? 'secrets' : 'vars'))
      return [
        {
          configPath,
          secrets: { ...secrets, ...serversFor(secrets), ...Object.fromEntries(added.secrets ?? []) },
          vars: { ...Object.fromEntries(added.vars ?? []), ...given },
        },
      ]
    }),
  })
  const { url } = await harness.listen()
  return {
    url,
    fetch: (path, init) => fetch(new URL(path, url), init),
    worker: (domain) => harness.getWorker(`credenza-${domain}`),
    logs: () => harness.getLogs(),
    close: () => harness.close(),
  }
}
