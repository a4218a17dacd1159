import type { MongoClient } from 'mongodb'

export type Driver = typeof import('mongodb')

/** A client that has reached its server. */
export type Connection = { driver: Driver; client: MongoClient; isFerret: () => Promise<boolean>; close: () => Promise<void> }

/** The platform allows six connections at once: two for work leave room for one monitor per member of a replica set. */
const maxConnections = 2

/** How many operations run at once: fewer where the address says so, as it must for a server whose updates are not atomic. */
export function connectionsOf(uri: string): number {
  const wanted = Number(new URLSearchParams(uri.split('?')[1]).get('maxPoolSize') ?? maxConnections)
  return Number.isInteger(wanted) && wanted > 0 ? Math.min(wanted, maxConnections) : maxConnections
}

/**
 * Connects to MongoDB. The driver is only imported here, since it takes 80 ms to start and cannot be loaded in the test pool.
 *
 * Of retries the driver knows more than its caller could: it reads again once after a network error, and writes again once where the
 * server recognises a repeated write by its transaction number (replica sets; not FerretDB, nor a lone server). Nothing else
 * is ever repeated here: a write whose answer was lost may have happened, and doing it twice would take stock twice or report its own
 * first attempt as a duplicate.
 * @throws whatever the driver throws, within `reachMs`
 */
export async function connect(uri: string, reachMs: number): Promise<Connection> {
  const driver = await import('mongodb')
  const client = new driver.MongoClient(uri, {
    appName: 'credenza',
    serverMonitoringMode: 'poll',
    maxPoolSize: connectionsOf(uri),
    minPoolSize: 0,
    serverSelectionTimeoutMS: reachMs,
    connectTimeoutMS: reachMs,
    waitQueueTimeoutMS: reachMs,
    // Frees the connection of an operation that nobody waits for any more.
    socketTimeoutMS: 2 * reachMs,
    ignoreUndefined: true,
  })
  let ferret: Promise<boolean> | undefined
  const isFerret = () => {
    ferret ??= client
      .db('admin')
      .command({ buildInfo: 1 })
      .then((info) => 'ferretdbVersion' in info)
    return ferret
  }
  const close = () => client.close(true)
  try {
    await client.connect()
  } catch (error) {
    await close().catch(() => undefined)
    throw error
  }
  return { driver, client, isFerret, close }
}
