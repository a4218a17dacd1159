import { consumer } from '../../shared/events/consume'
import { depsFrom } from './deps'
import { handlers } from './events'
import { app } from './routes'

export default {
  fetch: app.fetch,
  queue: consumer('cart', handlers, depsFrom),
} satisfies ExportedHandler<CartEnv>

export { CartDO } from './cart.do'
export { CartRpc } from './rpc'
