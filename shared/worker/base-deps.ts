import type { DataApi } from '../contracts/data'
import type { WorkerName } from '../contracts/events'
import { type Instant, type NewId, newId } from '../contracts/ids'
import { type DeadLetters, deadLetters } from '../events/dead-letters'
import { envelopes, type MakeEvent, type Publish, publisher } from '../events/publish'
import { type IdempotencyStore, idempotencyStore } from '../http/idempotency'
import { perEnvironment } from '../runtime/per-environment'
import { newTraceparent } from '../runtime/trace'
import { type Documents, documents } from '../storage/documents'
import { type StoreBindings, storeOf } from '../storage/store'

/** The dependencies of every Worker's verbs. A Worker adds its repositories and RPC clients. */
export type BaseDeps<W extends WorkerName> = {
  now: () => Instant
  newId: NewId
  traceparent: string
  /** Makes an event of this Worker; it is stored in the outbox of the write that it belongs to. */
  event: MakeEvent<W>
  publish: Publish
  data: DataApi
  documents: Documents
  deadLetters: DeadLetters
  idempotency: IdempotencyStore
}

/** `overrides` is for tests: a fixed clock, counted ids, a publisher that records or fails. */
export type DepsOverrides = Partial<Pick<BaseDeps<WorkerName>, 'now' | 'newId' | 'publish'>>

/** What is the same for every request of a Worker. */
const stores = perEnvironment((env: StoreBindings) => {
  const data = storeOf(env)
  const publish = publisher(env)
  const made = new Map<WorkerName, Pick<BaseDeps<WorkerName>, 'data' | 'documents' | 'deadLetters' | 'idempotency' | 'publish'>>()
  return (worker: WorkerName) => {
    const known = made.get(worker)
    if (known) return known
    const store = documents(data, `credenza_${worker.replaceAll('-', '_')}`)
    const parts = { data, documents: store, deadLetters: deadLetters(store), idempotency: idempotencyStore(store), publish }
    made.set(worker, parts)
    return parts
  }
})

/** The collections of a Worker's own database. */
export const documentsOf = (worker: WorkerName, env: StoreBindings): Documents => stores(env)(worker).documents

export function baseDeps<W extends WorkerName>(
  worker: W,
  env: StoreBindings,
  traceparent = newTraceparent(),
  overrides: DepsOverrides = {},
): BaseDeps<W> {
  const now = overrides.now ?? Date.now
  const ids = overrides.newId ?? newId
  const shared = stores(env)(worker)
  return {
    ...shared,
    now,
    newId: ids,
    traceparent,
    event: envelopes(worker, { now, newId: ids, traceparent }),
    publish: overrides.publish ?? shared.publish,
  }
}
