import { OpenAPIHono } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Action, Operation } from '../../shared/contracts/data'
import { AppError } from '../../shared/contracts/errors'
import { resultOf } from '../../shared/contracts/outcome'
import { engineOf } from '../../shared/storage/engine'
import { actions } from './data-api/actions'
import { formatOf, render } from './data-api/format'
import { describeActions } from './data-api/openapi'
import { checkMediaType, maxBytes, parseBody } from './data-api/read-body'
import { invalidBody, refuse } from './data-api/refusal'
import { isKey } from './key'
import { redisRoutes } from './redis-routes'
import { settingsOf } from './settings'

type Env = { Bindings: DataEnv }

const base = '/app/:appId/endpoint/data/v1/action'

/** The public endpoints exist only with a key. Without one, this Worker is reached by RPC only. */
const whenOpen: MiddlewareHandler<Env> = async (c, next) => {
  if (!c.env.DATA_API_KEY) throw new AppError('not_found', 'There is nothing here')
  await next()
}

/** Checks the key before anything else of a request. */
const requireKey: MiddlewareHandler<Env> = async (c, next) => {
  const given = c.req.header('apiKey') ?? c.req.header('api-key')
  if (given === undefined)
    throw new AppError('unauthenticated', 'must specify some form of authentication (an api-key) in the request header')
  if (!(await isKey(given, c.env))) throw new AppError('invalid_credentials', 'invalid session: error finding user for endpoint')
  await next()
}

const limitBody = bodyLimit({
  maxSize: maxBytes,
  onError: () => {
    throw new AppError('payload_too_large', `The body is over ${maxBytes} bytes`)
  },
})

const isAction = (name: string): name is Action => Object.hasOwn(actions, name)

/** The HTTP endpoints of the data Worker: the Atlas Data API v1, which MongoDB ended on 2025-09-30, and the Upstash REST contract. */
export const app = new OpenAPIHono<Env>()
app.onError(refuse)
app.notFound((c) => refuse(new AppError('not_found', `There is nothing at ${c.req.method} ${c.req.path}`), c))
app.get('/health', (c) => c.json({ ok: true, worker: 'data' }))
app.get('/openapi.json', whenOpen, (c) =>
  c.json(app.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'Credenza Data API', version: 'v1' } })),
)
app.use('/app/*', whenOpen, requireKey)
app.post(`${base}/:action`, limitBody, async (c) => {
  const action = c.req.param('action')
  if (!isAction(action)) throw new AppError('not_found', 'There is no such action')
  checkMediaType(c.req.header('content-type'))
  const { body, status } = actions[action]
  const parsed = body.safeParse(parseBody(await c.req.arrayBuffer()))
  if (!parsed.success) throw invalidBody(parsed.error.issues)
  const { dataSource, database, collection, comment, batchSize, let: variables, ...operation } = parsed.data
  const format = formatOf(c)
  const target = { database, collection, types: format === 'application/ejson' ? ('canonical' as const) : ('plain' as const) }
  const result = resultOf(await engineOf(c.env, settingsOf(c.env)).run(target, { action, ...operation } as Operation))
  return c.body(render(result, format), status, { 'content-type': format })
})
app.use('/redis/*', whenOpen)
app.route('/redis', redisRoutes)
describeActions(app, base.replace(':appId', '{appId}'))
