import { WorkerEntrypoint } from 'cloudflare:workers'
import type { DeadLettersApi, LetterFilter, Settled } from '../contracts/audit'
import type { Instant } from '../contracts/ids'
import type { ConsumerDeps } from './consume'
import { deadLettersApi } from './dead-letters'

type Entrypoint<Env> = new (context: ExecutionContext, env: Env) => WorkerEntrypoint<Env> & DeadLettersApi

/** The entrypoint by which a consuming Worker lets audit see to its dead letters. */
export function deadLettersRpc<Env>(depsFrom: (env: Env) => Pick<ConsumerDeps, 'deadLetters'>): Entrypoint<Env> {
  const apiOf = (env: Env) => deadLettersApi(depsFrom(env).deadLetters)
  return class extends WorkerEntrypoint<Env> implements DeadLettersApi {
    list(filter: LetterFilter, before: { at: Instant; id: string } | undefined, limit: number) {
      return apiOf(this.env).list(filter, before, limit)
    }

    open(type: string | undefined, limit: number) {
      return apiOf(this.env).open(type, limit)
    }

    read(id: string) {
      return apiOf(this.env).read(id)
    }

    claim(ids: string[], settled: Settled) {
      return apiOf(this.env).claim(ids, settled)
    }

    settle(claimed: { _id: string; parked: number }[]) {
      return apiOf(this.env).settle(claimed)
    }

    discard(id: string, settled: Settled) {
      return apiOf(this.env).discard(id, settled)
    }

    forget(before: Instant) {
      return apiOf(this.env).forget(before)
    }
  }
}
