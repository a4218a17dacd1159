import type { Handlers } from '../../shared/contracts/events'
import { commit, release, restock } from './commands'
import type { Deps } from './deps'

export const handlers: Handlers<'inventory', Deps> = {
  'order.paid': ({ data }, deps) => commit(deps, data.orderId, data.items),
  'order.canceled': ({ data }, deps) => (data.wasPaid ? restock : release)(deps, data.orderId, data.items),
}
