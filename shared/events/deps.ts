import type { DataApi } from '../contracts/data'
import type { WorkerName } from '../contracts/events'
import { type Instant, type NewId, newId } from '../contracts/ids'
import { client } from '../http/rpc'
import { newTraceparent } from '../http/trace'
import { type Documents, documents } from '../storage/documents'
import { type DeadLetters, deadLetters } from './consume'
import { envelopes, type MakeEvent, type Publish, publisher } from './publish'

/** What every Worker's verbs are given. A Worker adds its collections and the RPC clients it talks to. */
export type BaseDeps<W extends WorkerName> = {
  now: () => Instant
  newId: NewId
  traceparent: string
  /** Makes an event of this Worker; it travels in the outbox of the write that it tells of. */
  event: MakeEvent<W>
  publish: Publish
  data: DataApi
  documents: Documents
  deadLetters: DeadLetters
}

/** `overrides` is for tests: a fixed clock, counted ids, a publisher that records or fails. */
export type DepsOverrides = Partial<Pick<BaseDeps<WorkerName>, 'now' | 'newId' | 'publish'>>

export function baseDeps<W extends WorkerName>(
  worker: W,
  env: { DATA: unknown },
  traceparent = newTraceparent(),
  overrides: DepsOverrides = {},
): BaseDeps<W> {
  const data = client<DataApi>(env.DATA)
  const store = documents(data, `credenza_${worker.replaceAll('-', '_')}`)
  const now = overrides.now ?? Date.now
  const ids = overrides.newId ?? newId
  return {
    now,
    newId: ids,
    traceparent,
    event: envelopes(worker, { now, newId: ids, traceparent }),
    publish: overrides.publish ?? publisher(env),
    data,
    documents: store,
    deadLetters: deadLetters(store),
  }
}
