import type { Handlers } from '../../shared/contracts/events'
import { recordStock } from './commands'
import type { Deps } from './deps'

export const handlers: Handlers<'product', Deps> = {
  'stock.changed': ({ data }, deps) => recordStock(deps, data),
}
