import { z } from 'zod'
import { api } from '../support/api.ts'

const money = z.object({ amount: z.number(), currency: z.string() })

/** The parts of stored documents that the invariants speak of. */
const schemas = {
  orders: z.object({
    _id: z.string(),
    status: z.enum(['pending', 'paid', 'shipped', 'delivered', 'failed', 'canceled', 'refunded']),
    payment: z.string(),
    cart: z.string(),
    items: z.array(z.object({ variantId: z.string(), sellerId: z.string(), quantity: z.number() })),
    groups: z.array(z.object({ sellerId: z.string(), status: z.string(), subtotal: money, shippedAt: z.number().nullable() })),
    reason: z.string().optional(),
    totals: z.object({ grand: money }),
    history: z.array(z.object({ status: z.string() })),
    outboxPending: z.boolean(),
  }),
  payments: z.object({
    _id: z.string(),
    orderId: z.string(),
    status: z.string(),
    amount: money,
    captured: z.boolean(),
    refunds: z.array(z.object({ id: z.string(), amount: z.number(), status: z.string() })),
    outboxPending: z.boolean(),
  }),
  ledger: z.object({
    _id: z.string(),
    kind: z.enum(['capture', 'refund']),
    orderId: z.string(),
    entries: z.array(z.object({ side: z.enum(['debit', 'credit']), amount: z.number() })),
  }),
  stock: z.object({
    _id: z.string(),
    sellerId: z.string(),
    available: z.number(),
    held: z.number(),
    sold: z.number(),
    holds: z.array(z.object({ orderId: z.string(), quantity: z.number() })),
    outboxPending: z.boolean(),
  }),
  movements: z.object({ _id: z.string(), variantId: z.string(), kind: z.string(), quantity: z.number() }),
  log: z.object({ eventId: z.string(), type: z.string(), subject: z.string() }),
  deadLetters: z.object({
    _id: z.string(),
    worker: z.string(),
    eventId: z.string().nullable(),
    error: z.string(),
    state: z.string(),
  }),
} as const

type Schemas = typeof schemas
/** All that the marketplace wrote down, as far as the invariants speak of it. */
export type Books = { [K in keyof Schemas]: z.infer<Schemas[K]>[] }

/** Where documents are read: the data Worker's own API, which no deployment has. */
export type DataApi = { url: string; key: string }

const pageSize = 1_000

async function readAll<K extends keyof Schemas>(
  { url, key }: DataApi,
  kind: K,
  database: string,
  collection: string,
): Promise<Books[K]> {
  const documents: unknown[] = []
  for (let after: unknown = ''; ; ) {
    const { json } = await api(url, 'POST', '/app/soak/endpoint/data/v1/action/find', {
      headers: { 'api-key': key },
      body: {
        ...{ dataSource: 'credenza', database, collection },
        ...{ filter: { _id: { $gt: after } }, sort: { _id: 1 }, limit: pageSize },
      },
    })
    documents.push(...json.documents)
    if (json.documents.length < pageSize) break
    after = json.documents.at(-1)._id
  }
  return documents.map((document) => schemas[kind].parse(document)) as Books[K]
}

/** Reads the books. To be called when nothing moves any more. */
export async function readBooks(dataApi: DataApi, consumers: readonly string[]): Promise<Books> {
  const deadLetters = consumers.map((worker) =>
    readAll(dataApi, 'deadLetters', `credenza_${worker.replaceAll('-', '_')}`, 'dead_letters'),
  )
  return {
    orders: await readAll(dataApi, 'orders', 'credenza_order', 'orders'),
    payments: await readAll(dataApi, 'payments', 'credenza_payment', 'payments'),
    ledger: await readAll(dataApi, 'ledger', 'credenza_payment', 'ledger'),
    stock: await readAll(dataApi, 'stock', 'credenza_inventory', 'stock'),
    movements: await readAll(dataApi, 'movements', 'credenza_inventory', 'movements'),
    log: await readAll(dataApi, 'log', 'credenza_audit', 'log'),
    deadLetters: (await Promise.all(deadLetters)).flat(),
  }
}
