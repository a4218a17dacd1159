import { AppError } from '../../shared/contracts/errors'

const names = /^(localhost|[a-z0-9.-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Whether a request names this machine as its host. */
export const isForThisMachine = ({ url }: Request): boolean => names.test(new URL(url).hostname)

/**
 * Refuses a request by another name: a page whose own name was made to lead to this machine (DNS rebinding) would pass for the same
 * origin and read the answer. @throws AppError `forbidden`
 */
export function requireThisMachine(request: Request): void {
  if (!isForThisMachine(request))
    throw new AppError('forbidden', 'This is answered by the names of this machine only, such as localhost')
}
