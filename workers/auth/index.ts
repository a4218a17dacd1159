import { depsFrom } from './deps'
import { app } from './routes'
import { sweep } from './sweep'

export default {
  fetch: app.fetch,
  scheduled: (_tick, env, context) => context.waitUntil(sweep(depsFrom(env))),
} satisfies ExportedHandler<AuthEnv>

export { AuthRpc } from './rpc'
