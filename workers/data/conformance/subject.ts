import { expect } from 'vitest'
import type {
  Action,
  AnyResult,
  Document,
  Filter,
  Index,
  OperationOf,
  Results,
  Target,
  Update,
} from '../../../shared/contracts/data'
import type { Engine } from '../../../shared/storage/engine'

/** A collection for one case, on the engine under test. */
export type Subject = ReturnType<typeof subjectOf>

/** A case that must pass on every engine; `documents` are inserted before its test. */
export type Case = { name: string; indexes?: Index[]; documents?: Document[]; test: (subject: Subject) => Promise<void> }

type UpdateOptions = Omit<OperationOf<'updateOne'>, 'action' | 'filter' | 'update'>
type FindOptions = Omit<OperationOf<'find'>, 'action' | 'filter'>

export function subjectOf(engine: Engine, target: Target) {
  const run = async <A extends Action>(operation: OperationOf<A>, types?: Target['types']): Promise<Results[A]> => {
    const outcome = await engine.run(types ? { ...target, types } : target, operation)
    if ('problem' in outcome) throw new Error(`${outcome.problem.code}: ${outcome.problem.message}`)
    return outcome.result as Results[A]
  }
  const find = async (filter: Filter = {}, options: FindOptions = {}) =>
    (await run<'find'>({ action: 'find', filter, sort: { _id: 1 }, ...options })).documents
  const update = (filter: Filter, change: Update, options: UpdateOptions = {}) =>
    run<'updateOne'>({ action: 'updateOne', filter, update: change, ...options })
  return {
    run,
    find,
    update,
    /** The ids of what a filter matches, in their order. */
    ids: async (filter: Filter, options?: FindOptions) => (await find(filter, options)).map(({ _id }) => _id),
    insert: (...documents: Document[]) => run<'insertMany'>({ action: 'insertMany', documents }),
    /** The refusal that an operation must answer. */
    refusal: async <A extends Action>(operation: OperationOf<A>) => {
      const outcome = await engine.run(target, operation)
      expect(outcome).toHaveProperty('problem')
      return (outcome as { problem: { code: string; meta: Record<string, unknown> } }).problem
    },
    batch: async (...operations: OperationOf<Action>[]) =>
      engine.batch(operations.map((operation) => ({ target, operation }))) as Promise<
        { result: AnyResult[] } | { problem: { code: string; meta: object } }
      >,
  }
}
