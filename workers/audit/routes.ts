import { type App, newApp } from '../../shared/http/app'
import { type Deps, depsFrom } from './deps'
import { letterRoutes } from './letter-routes'
import { logRoutes } from './log-routes'
import { replayRoutes } from './replay-routes'
import { sweep } from './sweep'

export const app: App<AuditEnv, Deps> = newApp({ worker: 'audit', depsFrom, sweep })

logRoutes(app)
replayRoutes(app)
letterRoutes(app)
