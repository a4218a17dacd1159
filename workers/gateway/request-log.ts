import { logger } from '../../shared/runtime/logger'
import type { RequestContext } from './proxy'
import { isDevEndpoint } from './routing'

/** Paths that are polled. Their lines would drown the others, so only failures of the gateway itself are logged. */
const isPolled = (path: string): boolean => path.startsWith('/health') || isDevEndpoint(path)

/**
 * Logs a request from outside, by the id that its answer and its problem document have. `ms` is the time until the answer began. The logger
 * redacts tickets, tokens and addresses in the query.
 */
export function logRequest({ method, url }: Request, status: number, ms: number, { requestId, actor }: RequestContext): void {
  const path = url.slice(url.indexOf('/', url.indexOf('://') + 3))
  if (isPolled(path) && status < 400) return
  logger.info('request', { method, path, status, ms, requestId, userId: actor?.userId ?? '-' })
}
