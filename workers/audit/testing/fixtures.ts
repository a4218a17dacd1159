import { env } from 'cloudflare:workers'
import type { DeadLettersApi } from '../../../shared/contracts/audit'
import { consumers, type Envelope, type WorkerName } from '../../../shared/contracts/events'
import { newId } from '../../../shared/contracts/ids'
import { deadLetters, deadLettersApi, park } from '../../../shared/events/dead-letters'
import { inboxBinding } from '../../../shared/events/publish'
import { documents } from '../../../shared/storage/documents'
import { storeOf } from '../../../shared/storage/store'
import { aCountedStore, storeBindings } from '../../../shared/testing/data'
import { aClock, anEvent } from '../../../shared/testing/factories'
import { call } from '../../../shared/testing/http'
import { documentsOf } from '../../../shared/worker/base-deps'
import { deadLettersBinding, depsFrom } from '../deps'
import type { Day, Head } from '../head'
import type { Replay } from '../replay-types'
import { app } from '../routes'
import type { Row } from '../row'

const real = env as unknown as AuditEnv

/** An inbox that keeps what is sent to it, and refuses everything while `down` is set. */
function anInbox() {
  const inbox = {
    messages: [] as unknown[],
    sends: 0,
    down: false,
    sendBatch: async (batch: { body: unknown }[]) => {
      if (inbox.down) throw new Error('the queue is down')
      inbox.sends += 1
      inbox.messages.push(...batch.map(({ body }) => body))
    },
  }
  return inbox
}

/** The dead letters of another Worker, in a database of their own, and the API to them. */
function deadLettersOf(worker: WorkerName) {
  const database: `credenza_${string}` = `credenza_${worker}_${newId('req').slice(4)}`
  const collection = deadLetters(worker === 'audit' ? documentsOf('audit', real) : documents(storeOf(real), database))
  return { collection, api: deadLettersApi(collection) }
}

/** The audit Worker with a fixed clock, and with inboxes and dead letters of all other Workers that belong to this auditor alone. */
export function anAuditor() {
  const clock = aClock()
  const inboxes = new Map(consumers.map((worker) => [worker, anInbox()]))
  const boxes = new Map(consumers.map((worker) => [worker, deadLettersOf(worker)]))
  const store = aCountedStore(storeOf(real))
  const bound: Record<string, unknown> = { ...real, ...storeBindings(store) }
  for (const worker of consumers) {
    bound[inboxBinding(worker)] = inboxes.get(worker)
    bound[deadLettersBinding(worker)] = boxes.get(worker)?.api
  }
  const auditEnv = bound as unknown as AuditEnv
  const deps = depsFrom(auditEnv, undefined, { now: clock })
  const found = <T>(thing: T | undefined): T => {
    if (thing === undefined) throw new Error('no such Worker')
    return thing
  }
  return {
    clock,
    store,
    env: auditEnv,
    deps,
    /** The collections themselves, for tests that look into them or tamper with them. */
    stored: {
      rows: deps.documents.collection<Row>({ name: 'log' }),
      days: deps.documents.collection<Day>({ name: 'days' }),
      heads: deps.documents.collection<Head>({ name: 'heads' }),
      replays: deps.documents.collection<Replay>({ name: 'replays' }),
    },
    fetch: (request: Request) => app.fetch(request, auditEnv),
    inbox: (worker: WorkerName) => found(inboxes.get(worker)),
    deadLetters: (worker: WorkerName) => found(boxes.get(worker)).collection,
    api: (worker: WorkerName): DeadLettersApi => found(boxes.get(worker)).api,
    /** Parks a message of a Worker as its consumer does, and returns the id of the dead letter. */
    parked: async (worker: WorkerName, event: Envelope): Promise<string> => {
      const facts = { worker, type: event.type, eventId: event.id, body: event, error: 'Error: no', attempts: 1 }
      await park(found(boxes.get(worker)).collection, { _id: `${worker}:${event.id}`, ...facts, failedAt: clock() })
      return `${worker}:${event.id}`
    },
  }
}

export type Auditor = ReturnType<typeof anAuditor>

/** An event about a variant whose availability changed. */
export const stockChanged = (version = 1, sellerId = newId('usr')): Envelope<'stock.changed'> => {
  const variantId = newId('var')
  return anEvent('stock.changed', variantId, {
    ...{ version, variantId, productId: newId('prd'), sellerId },
    ...{ availability: 'low', previous: 'in', available: 3 },
  })
}

/** Empties the log: all tests of a file share one database. */
export async function emptyLog({ stored: { rows, days, heads, replays } }: Auditor): Promise<void> {
  for (const collection of [rows, days, heads, replays]) await collection.deleteMany({})
}

export const allRows = ({ stored }: Auditor): Promise<Row[]> => stored.rows.find({}, { sort: { _id: 1 } })

export const asking =
  ({ fetch }: Auditor, actor: Parameters<typeof call>[3]) =>
  (method: string, path: string, body?: unknown) =>
    call(fetch, method, path, { ...actor, ...(body === undefined ? {} : { body }) })
