import { env } from 'cloudflare:workers'
import type { DeadLettersApi } from '../../shared/contracts/audit'
import { consumers, type Envelope, type WorkerName } from '../../shared/contracts/events'
import { newId } from '../../shared/contracts/ids'
import { deadLetters, deadLettersApi, park } from '../../shared/events/dead-letters'
import { inboxBinding } from '../../shared/events/publish'
import { documents } from '../../shared/storage/documents'
import { storeOf } from '../../shared/storage/store'
import { aCountedStore, storeBindings } from '../../shared/testing/data'
import { aClock, anEvent } from '../../shared/testing/factories'
import { call } from '../../shared/testing/http'
import { documentsOf } from '../../shared/worker/base-deps'
import { depsFrom, lettersBinding } from './deps'
import { app } from './routes'
import type { Row } from './row'

const real = env as unknown as AuditEnv

/** An inbox that keeps what it is sent, and takes nothing while `down` is set. */
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

/** The dead letters of another Worker, in a database of their own, with their verbs. */
function lettersOf(worker: WorkerName) {
  const database: `credenza_${string}` = `credenza_${worker}_${newId('req').slice(4)}`
  const letters = worker === 'audit' ? deadLetters(documentsOf('audit', real)) : deadLetters(documents(storeOf(real), database))
  return { letters, api: deadLettersApi(letters) }
}

/** The audit Worker on a clock that stands, among Workers of which each test has its own. */
export function anAuditor() {
  const clock = aClock()
  const inboxes = new Map(consumers.map((worker) => [worker, anInbox()]))
  const boxes = new Map(consumers.map((worker) => [worker, lettersOf(worker)]))
  const store = aCountedStore(storeOf(real))
  const bound: Record<string, unknown> = { ...real, ...storeBindings(store) }
  for (const worker of consumers) {
    bound[inboxBinding(worker)] = inboxes.get(worker)
    bound[lettersBinding(worker)] = boxes.get(worker)?.api
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
    door: (request: Request) => app.fetch(request, auditEnv),
    inbox: (worker: WorkerName) => found(inboxes.get(worker)),
    letters: (worker: WorkerName) => found(boxes.get(worker)).letters,
    api: (worker: WorkerName): DeadLettersApi => found(boxes.get(worker)).api,
    /** Parks a message of a Worker as its consumer does, and returns the letter's id. */
    parked: async (worker: WorkerName, event: Envelope): Promise<string> => {
      const facts = { worker, type: event.type, eventId: event.id, body: event, error: 'Error: no', attempts: 1 }
      await park(found(boxes.get(worker)).letters, { _id: `${worker}:${event.id}`, ...facts, failedAt: clock() })
      return `${worker}:${event.id}`
    },
  }
}

export type Auditor = ReturnType<typeof anAuditor>

/** The availability of a variant became another. */
export const stockChanged = (version = 1, sellerId = newId('usr')): Envelope<'stock.changed'> => {
  const variantId = newId('var')
  return anEvent('stock.changed', variantId, {
    ...{ version, variantId, productId: newId('prd'), sellerId },
    ...{ availability: 'low', previous: 'in', available: 3 },
  })
}

/** Begins a log anew: all tests of a file share one database. */
export async function emptyLog({ deps: { log, replays } }: Auditor): Promise<void> {
  for (const collection of [log.rows, log.days, log.heads, replays]) await collection.deleteMany({})
}

export const allRows = ({ deps }: Auditor): Promise<Row[]> => deps.log.rows.find({}, { sort: { _id: 1 } })

export const asking =
  ({ door }: Auditor, actor: Parameters<typeof call>[3]) =>
  (method: string, path: string, body?: unknown) =>
    call(door, method, path, { ...actor, ...(body === undefined ? {} : { body }) })
