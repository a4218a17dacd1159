import { AppError } from '../../shared/contracts/errors'
import { type App, newApp } from '../../shared/http/app'
import { accountRoutes } from './account-routes'
import { type Deps, depsFrom } from './deps'
import { sessionRoutes } from './session-routes'
import { sweep } from './sweep'

export const app: App<AuthEnv, Deps> = newApp({ worker: 'auth', depsFrom, sweep })

// Answers carry tokens and personal data. Source: RFC 6749, section 5.1
app.use('/v1/auth/*', async (c, next) => {
  await next()
  if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store')
})

// Before anything is read: elsewhere than in a local run, there is nothing here.
app.use('/v1/dev/*', async (c, next) => {
  if (c.env.ENVIRONMENT !== 'local') throw new AppError('not_found')
  await next()
})

accountRoutes(app)
sessionRoutes(app)
