import { env, exports } from 'cloudflare:workers'
import type { Action, DataApi, Index, Operation, OperationOf, Results } from '../../../shared/contracts/data'
import { AppError } from '../../../shared/contracts/errors'
import { resultOf } from '../../../shared/contracts/outcome'
import { storeOf } from '../../../shared/storage/store'

/** The store with the bindings that other Workers have. */
export const store = storeOf({ ...env, DATA: exports.DataRpc })

/** The store as a repository calls it: it returns results and throws refusals. */
export const data = {
  run: async (...call: Parameters<DataApi['run']>) => resultOf(await store.run(...call)),
  batch: async (...call: Parameters<DataApi['batch']>) => resultOf(await store.batch(...call)),
}

/** A collection for one test. */
export function collectionOf(collection: string, indexes: Index[] = [], database = 'credenza_test') {
  const target = { database, collection, indexes }
  const run = async <A extends Action>(operation: OperationOf<A>) =>
    (await data.run(target, operation as Operation)) as Results[A]
  return {
    target,
    run,
    insert: (...documents: object[]) => run<'insertMany'>({ action: 'insertMany', documents }),
    find: async (filter = {}) => (await run<'find'>({ action: 'find', filter, sort: { _id: 1 } })).documents,
    update: (filter: object, update: object, upsert = false) => run<'updateOne'>({ action: 'updateOne', filter, update, upsert }),
  }
}

/** The AppError that a call must throw. */
export async function refusal(call: Promise<unknown>): Promise<AppError> {
  const outcome = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  const error = AppError.from(outcome)
  if (error === undefined) throw new Error('The call was not refused')
  return error
}
