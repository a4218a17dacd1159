import { AppError } from '../contracts/errors'
import { logger } from './logger'

type Remote = Record<string, (...args: unknown[]) => Promise<unknown>>

/**
 * A service binding, or a Durable Object stub, typed as the interface that the other side implements. Its calls throw real
 * AppErrors: one that crossed the boundary is restored, anything else is logged and becomes `unavailable`.
 */
export function client<Api extends object>(binding: unknown): Api {
  const remote = binding as Remote
  return new Proxy({} as Api, {
    get(_target, method) {
      // A promise resolving to this client looks for `then`: it has none.
      if (typeof method !== 'string' || method === 'then') return undefined
      return async (...args: unknown[]) => {
        try {
          // Called in one expression: on a stub, reading `.apply` would itself name a remote property.
          return await (remote as Required<Remote>)[method]?.(...args)
        } catch (error) {
          const known = AppError.from(error)
          if (known) throw known
          logger.error('rpc failed', { method, error })
          throw new AppError('unavailable')
        }
      }
    },
  })
}
