import { Hono } from 'hono'
import { AppError } from '../../shared/contracts/errors'
import { unmatched } from '../../shared/http/app'
import { localOnly } from '../../shared/http/authorise'
import { onError } from '../../shared/http/problem'
import { withTimeout } from '../../shared/runtime/with-timeout'
import { checkHealth, isUp } from './health'
import { landingDocument, landingPage } from './landing-page'
import { mergeOpenApi, type OpenApi } from './openapi'
import { plainPolicy, prefersPage } from './page-layout'
import { docsPage, docsPolicy, docsScript, isProblemCode, problemPage } from './pages'
import { bindingOf } from './proxy'
import { type Backend, backends } from './routing'
import { isForThisMachine } from './this-machine'
import { timeouts } from './timeouts'

/** What `npm start` adds: the accounts that it made. */
type DemoEnv = { DEMO_ACCOUNTS?: string; DEMO_PASSWORD?: string }

const forADay = { 'cache-control': 'public, max-age=86400' }

/** What the gateway answers itself; everything else goes to a Worker. */
export const app = new Hono<{ Bindings: GatewayEnv & DemoEnv }>()

app.onError(onError)
app.notFound((c) => onError(unmatched(app.router, c), c))
app.use('/v1/dev/*', localOnly)

app.get('/', (c) => {
  const { ENVIRONMENT, DEMO_ACCOUNTS: accounts, DEMO_PASSWORD: password } = c.env
  const isLocal = ENVIRONMENT === 'local' && isForThisMachine(c.req.raw)
  c.header('vary', 'Accept')
  if (!prefersPage(c.req.raw)) return c.json(landingDocument(isLocal))
  const demo = accounts && password ? { accounts, password } : undefined
  return c.html(landingPage(isLocal, demo), 200, { 'content-security-policy': plainPolicy })
})

app.get('/health', async (c) => {
  const health = await checkHealth(c.env)
  return c.json(health, isUp(health) ? 200 : 503)
})

app.get('/v1/openapi.json', async (c) => {
  const documented = backends.filter((backend) => backend !== 'data')
  const documents = await Promise.all(
    documented.map(async (worker) => ({ worker, document: await fetchJson<OpenApi>(c.env, worker, '/openapi.json') })),
  )
  return c.json(mergeOpenApi(documents, new URL(c.req.url).origin))
})

app.get('/docs', (c) => c.html(docsPage(), 200, { 'content-security-policy': docsPolicy }))
app.get('/docs/reference.js', (c) => c.body(docsScript, 200, { 'content-type': 'text/javascript; charset=utf-8', ...forADay }))
app.get('/docs/:file{swagger-ui-bundle.js|swagger-ui.css}', async (c) => {
  const { body, status } = await c.env.ASSETS.fetch(c.req.url)
  const type = c.req.path.endsWith('.js') ? 'text/javascript' : 'text/css'
  return new Response(body, { status, headers: { 'content-type': `${type}; charset=utf-8`, ...forADay } })
})

app.get('/problems/:code', (c) => {
  const code = c.req.param('code')
  if (!isProblemCode(code)) throw new AppError('not_found')
  return c.html(problemPage(code), 200, { 'content-security-policy': plainPolicy })
})

/** Cron does not fire in local runs, so the script that started one calls this instead. */
app.post('/v1/dev/sweep', async (c) => {
  const swept = await Promise.all(
    backends.map(async (backend) => {
      const { status } = await bindingOf(c.env, backend).fetch(`http://${backend}/internal/sweep`, { method: 'POST' })
      return [backend, status === 200] as const
    }),
  )
  return c.json({ swept: swept.flatMap(([backend, done]) => (done ? [backend] : [])) })
})

async function fetchJson<T>(env: GatewayEnv, backend: Backend, path: string): Promise<T> {
  const url = `http://${backend}${path}`
  const response = await withTimeout(timeouts.request, (signal) => bindingOf(env, backend).fetch(url, { signal }))
  if (!response.ok) throw new AppError('unavailable')
  return response.json<T>()
}
