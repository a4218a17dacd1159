import { WorkerEntrypoint } from 'cloudflare:workers'
import type { DeadLetterFilter, DeadLettersApi, Resolution } from '../contracts/audit'
import type { Instant } from '../contracts/ids'
import type { ConsumerDeps } from './consume'
import { deadLettersApi } from './dead-letters'

type Entrypoint<Env> = new (context: ExecutionContext, env: Env) => WorkerEntrypoint<Env> & DeadLettersApi

/** The entrypoint through which audit manages the dead letters of a consuming Worker. */
export function deadLettersRpc<Env>(depsFrom: (env: Env) => Pick<ConsumerDeps, 'deadLetters'>): Entrypoint<Env> {
  const apiOf = (env: Env) => deadLettersApi(depsFrom(env).deadLetters)
  return class extends WorkerEntrypoint<Env> implements DeadLettersApi {
    list(filter: DeadLetterFilter, before: { at: Instant; id: string } | undefined, limit: number) {
      return apiOf(this.env).list(filter, before, limit)
    }

    open(type: string | undefined, limit: number) {
      return apiOf(this.env).open(type, limit)
    }

    read(id: string) {
      return apiOf(this.env).read(id)
    }

    claim(ids: string[], resolution: Resolution) {
      return apiOf(this.env).claim(ids, resolution)
    }

    markRedriven(claimed: { _id: string; parked: number }[]) {
      return apiOf(this.env).markRedriven(claimed)
    }

    discard(id: string, resolution: Resolution) {
      return apiOf(this.env).discard(id, resolution)
    }

    forget(before: Instant) {
      return apiOf(this.env).forget(before)
    }
  }
}
