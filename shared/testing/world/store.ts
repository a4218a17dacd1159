import { env } from 'cloudflare:workers'
import type { AnyResult, Document, Filter, Operation, Projection, Target } from '../../contracts/data'
import { type Outcome, resultOf } from '../../contracts/outcome'

type Database = { run(target: Target, operation: Operation): Promise<Outcome<AnyResult>> }

/** Documents as they are stored, read past all Workers and faults. */
export async function read<T = Document>(
  worker: string,
  collection: string,
  filter: Filter = {},
  projection: Projection = {},
): Promise<T[]> {
  const database = `credenza_${worker.replaceAll('-', '_')}`
  const stub = (env as unknown as { DATABASE: { getByName(name: string): Database } }).DATABASE.getByName(database)
  const { documents } = resultOf(await stub.run({ database, collection }, { action: 'find', filter, projection })) as {
    documents: T[]
  }
  return documents
}

/** What Workers have yet to do, by collection. */
const owing: [worker: string, collection: string, filter: Filter][] = [
  ['order', 'orders', { $or: [{ outboxPending: true }, { status: 'pending' }, { finishAt: { $ne: null } }] }],
  ['payment', 'payments', { $or: [{ outboxPending: true }, { dueAt: { $ne: null } }] }],
  ['inventory', 'stock', { $or: [{ outboxPending: true }, { openHolds: { $gt: 0 } }] }],
  ['product', 'products', { outboxPending: true }],
  ['notification', 'mails', { status: 'queued' }],
  ['notification', 'products', { newsPending: true }],
]

/** What the Workers say of themselves that they still have to do. */
export async function pending(): Promise<string[]> {
  const found = await Promise.all(
    owing.map(async ([worker, collection, filter]) =>
      (await read(worker, collection, filter)).map(({ _id }) => `${worker} ${collection} ${_id}`),
    ),
  )
  return found.flat()
}
