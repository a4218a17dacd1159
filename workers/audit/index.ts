import { consumer } from '../../shared/events/consume'
import { depsFrom } from './deps'
import { handlers } from './events'
import { app } from './routes'

export default {
  fetch: app.fetch,
  queue: consumer('audit', handlers, depsFrom),
} satisfies ExportedHandler<AuditEnv>
