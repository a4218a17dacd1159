import type { Handlers } from '../../shared/contracts/events'
import { markFailed, markPaid, markRefunded } from './commands'
import type { Deps } from './deps'
import { prepareQuote } from './quotes'

export const handlers: Handlers<'order', Deps> = {
  'cart.updated': ({ data: { userId, version, items } }, deps) => prepareQuote(deps, { userId, version, items }),
  'payment.succeeded': async ({ data }, deps) => {
    await markPaid(deps, data.orderId)
  },
  'payment.failed': async ({ data }, deps) => {
    await markFailed(deps, data.orderId)
  },
  'payment.refunded': async ({ data }, deps) => {
    await markRefunded(deps, data.orderId, data.refundedTotal)
  },
}
