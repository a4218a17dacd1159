import type { DeadLettersApi } from '../../shared/contracts/audit'
import { auditor, consumers, type WorkerName } from '../../shared/contracts/events'
import { deadLettersApi } from '../../shared/events/dead-letters'
import { type Inbox, inboxBinding } from '../../shared/events/publish'
import { perEnvironment } from '../../shared/runtime/per-environment'
import { client } from '../../shared/runtime/rpc'
import { type BaseDeps, baseDeps, type DepsOverrides, documentsOf } from '../../shared/worker/base-deps'
import { type Log, logOf } from './append'
import { logRepo, type ReplayRepo, replayRepo } from './repo'
import { macOf } from './row'

/** A consuming Worker: its inbox, and what audit may do with its dead letters. */
export type Consumer = { inbox: Inbox; deadLetters: DeadLettersApi }

export type Deps = BaseDeps<'audit'> & {
  log: Log
  replays: ReplayRepo
  /** @throws TypeError for a Worker that consumes nothing */
  consumerOf: (worker: WorkerName) => Consumer
}

export const deadLettersBinding = (worker: WorkerName): string => inboxBinding(worker).replace('QUEUE', 'DEAD_LETTERS')

const partsOf = perEnvironment((env: AuditEnv) => {
  const documents = documentsOf('audit', env)
  const bindings = env as unknown as Record<string, unknown>
  const inboxOf = (worker: WorkerName) => bindings[inboxBinding(worker)] as Inbox
  const remote = (worker: WorkerName) => client<DeadLettersApi>(bindings[deadLettersBinding(worker)])
  const known = new Map(
    consumers
      .filter((worker) => worker !== auditor)
      .map((worker): [WorkerName, Consumer] => [worker, { inbox: inboxOf(worker), deadLetters: remote(worker) }]),
  )
  return {
    log: logOf(logRepo(documents), macOf(env.AUDIT_SECRET)),
    replays: replayRepo(documents),
    known,
    inbox: inboxOf(auditor),
  }
})

export function depsFrom(env: AuditEnv, traceparent?: string, overrides?: DepsOverrides): Deps {
  const base = baseDeps('audit', env, traceparent, overrides)
  const { log, replays, known, inbox } = partsOf(env)
  return {
    ...base,
    log,
    replays,
    consumerOf: (worker) => {
      const consumer = worker === auditor ? { inbox, deadLetters: deadLettersApi(base.deadLetters) } : known.get(worker)
      if (!consumer) throw new TypeError(`${worker} consumes nothing`)
      return consumer
    },
  }
}
