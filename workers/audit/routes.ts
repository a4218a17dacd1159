import { type App, newApp } from '../../shared/http/app'
import { deadLetterRoutes } from './dead-letter-routes'
import { type Deps, depsFrom } from './deps'
import { logRoutes } from './log-routes'
import { replayRoutes } from './replay-routes'
import { sweep } from './sweep'

export const app: App<AuditEnv, Deps> = newApp({ worker: 'audit', depsFrom, sweep })

logRoutes(app)
replayRoutes(app)
deadLetterRoutes(app)
