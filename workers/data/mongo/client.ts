import type { MongoClient } from 'mongodb'

export type Driver = typeof import('mongodb')

/** A client that has reached its server. */
export type Connection = { driver: Driver; client: MongoClient; isFerret: () => Promise<boolean>; close: () => Promise<void> }

/** The platform allows six connections at once: two for operations leave room for one monitor per member of a replica set. */
const maxConnections = 2

/** How many operations run at once: fewer if the address says so, as it must for a server whose updates are not atomic. */
export function connectionsOf(uri: string): number {
  const wanted = Number(new URLSearchParams(uri.split('?')[1]).get('maxPoolSize') ?? maxConnections)
  return Number.isInteger(wanted) && wanted > 0 ? Math.min(wanted, maxConnections) : maxConnections
}

/**
 * Connects to MongoDB. The driver is imported here, on demand, since it takes 80 ms to start and cannot be loaded in the test pool.
 *
 * Retries are the driver's: it repeats a read once after a network error, and a write once if the server recognises it by its transaction
 * number (replica sets; not FerretDB, nor a lone server). Nothing else is repeated: a write whose answer was lost may have happened, and
 * a second one would take stock twice or report the first one as a duplicate.
 * @throws what the driver throws, within `connectTimeoutMs`
 */
export async function connect(uri: string, connectTimeoutMs: number): Promise<Connection> {
  const driver = await import('mongodb')
  const client = new driver.MongoClient(uri, {
    appName: 'credenza',
    serverMonitoringMode: 'poll',
    maxPoolSize: connectionsOf(uri),
    minPoolSize: 0,
    serverSelectionTimeoutMS: connectTimeoutMs,
    connectTimeoutMS: connectTimeoutMs,
    waitQueueTimeoutMS: connectTimeoutMs,
    // Frees the connection of an operation whose caller has given up.
    socketTimeoutMS: 2 * connectTimeoutMs,
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
