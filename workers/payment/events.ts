import type { Handlers } from '../../shared/contracts/events'
import { begin, cancel } from './commands'
import type { Deps } from './deps'

export const handlers: Handlers<'payment', Deps> = {
  'order.created': ({ data }, deps) => begin(deps, data),
  'order.canceled': ({ data }, deps) => cancel(deps, data),
}
