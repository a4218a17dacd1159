import { DurableObject } from 'cloudflare:workers'
import type { AnyResult, Operation, Target } from '../../shared/contracts/data'
import { AppError } from '../../shared/contracts/errors'
import { type Outcome, outcomeOf } from '../../shared/contracts/outcome'
import { act } from './documents/actions'
import { Catalog } from './documents/catalog'

/**
 * One database. Each call runs from its first read to its last write without an await, so that no other call comes in between:
 * nothing below this class may be async.
 */
export class DatabaseDO extends DurableObject<DataEnv> {
  readonly #catalog = new Catalog(this.ctx.storage)

  run(target: Target, operation: Operation): Promise<Outcome<AnyResult>> {
    return outcomeOf(() => act(this.#catalog, target, operation))
  }

  batch(operations: { target: Target; operation: Operation }[]): Promise<Outcome<AnyResult[]>> {
    const results: AnyResult[] = []
    return outcomeOf(() => {
      try {
        for (const { target, operation } of operations) results.push(act(this.#catalog, target, operation))
        return results
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        throw new AppError(error.code, error.message, { ...error.meta, done: results.length })
      }
    })
  }
}
