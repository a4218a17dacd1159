import { type App, newApp } from '../../shared/http/app'
import { localOnly } from '../../shared/http/authorise'
import { accountRoutes } from './account-routes'
import { type Deps, depsFrom } from './deps'
import { sessionRoutes } from './session-routes'
import { sweep } from './sweep'
import { userRoutes } from './user-routes'

export const app: App<AuthEnv, Deps> = newApp({ worker: 'auth', depsFrom, sweep })

// Answers carry tokens and personal data. Source: RFC 6749, section 5.1
app.use('/v1/auth/*', async (c, next) => {
  await next()
  if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store')
})

app.use('/v1/dev/*', localOnly)

accountRoutes(app)
sessionRoutes(app)
userRoutes(app)
