import { consumer } from '../../shared/events/consume'
import { depsFrom } from './deps'
import { handlers } from './events'
import { app } from './routes'
import { sweep } from './sweep'

export default {
  fetch: app.fetch,
  queue: consumer('audit', handlers, depsFrom),
  scheduled: (_tick, env, context) => context.waitUntil(sweep(depsFrom(env))),
} satisfies ExportedHandler<AuditEnv>
