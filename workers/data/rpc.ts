import { WorkerEntrypoint } from 'cloudflare:workers'
import type { AnyResult, DataApi, Json, Operation, Target } from '../../shared/contracts/data'
import { AppError } from '../../shared/contracts/errors'
import type { Outcome } from '../../shared/contracts/outcome'
import { engineOf } from './engine'

type Answer = { result: Json } | { error: string }

/** The cache as its Durable Object offers it; the generated stub type loses itself in replies of any depth. */
type Cache = { pipeline(commands: (string | number)[][]): Promise<Answer[]> }

/** The document store and the cache as the other Workers call them. */
export class DataRpc extends WorkerEntrypoint<DataEnv> implements DataApi {
  run(target: Target, operation: Operation): Promise<Outcome<AnyResult>> {
    return engineOf(this.env).run(target, operation)
  }

  batch(operations: { target: Target; operation: Operation }[]): Promise<Outcome<AnyResult[]>> {
    return engineOf(this.env).batch(operations)
  }

  async cache(command: (string | number)[]): Promise<Json> {
    const [answer] = await this.cachePipeline([command])
    if (answer === undefined || 'error' in answer) throw new AppError('cache_error', answer?.error)
    return answer.result
  }

  /** All keys live in one Durable Object, because a command may name several. */
  async cachePipeline(commands: (string | number)[][]): Promise<Answer[]> {
    return (this.env.CACHE.getByName('cache') as unknown as Cache).pipeline(commands)
  }
}
