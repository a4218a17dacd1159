import { consumer } from '../../shared/events/consume'
import { deadLettersRpc } from '../../shared/events/dead-letters-rpc'
import { depsFrom } from './deps'
import { handlers } from './events'
import { app } from './routes'
import { sweep } from './sweep'

export default {
  fetch: app.fetch,
  queue: consumer('notification', handlers, depsFrom),
  scheduled: (_tick, env, context) => context.waitUntil(sweep(depsFrom(env))),
} satisfies ExportedHandler<NotificationEnv>

export { LiveSessionDO } from './live/live-session.do'
export { NotificationRpc } from './rpc'
export const DeadLettersRpc = deadLettersRpc(depsFrom)
