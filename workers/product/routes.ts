import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { viewedHeader } from '../../shared/contracts/actor'
import { AppError } from '../../shared/contracts/errors'
import { idSchema } from '../../shared/contracts/ids'
import { type App, newApp } from '../../shared/http/app'
import { actorOf, requireActor } from '../../shared/http/authorise'
import { PageSchema } from '../../shared/http/cursor'
import { answers, defineRoute, jsonBody } from '../../shared/http/route'
import type { Found } from '../../shared/storage/read-through'
import { ChangeBody, CreateBody, ListQuery } from './bodies'
import { archiveProduct, changeProduct, createProduct } from './commands'
import { type Deps, depsFrom } from './deps'
import { ProductDto, toProductDto } from './dto'
import { pictureRoute } from './picture-route'
import { listProducts, readProduct } from './queries'
import { sweep } from './sweep'

const params = z.object({ productId: idSchema('prd') })
const ifMatch = z.object({ 'if-match': z.string().max(100).optional().openapi({ example: '"3"' }) })
const owners = ['seller', 'admin'] as const
const tags = ['product']

const list = defineRoute('public', {
  method: 'get',
  path: '/v1/products',
  tags,
  summary: 'The catalogue; sellers also see their own drafts',
  request: { query: ListQuery },
  responses: { 200: answers('A page of products', PageSchema(ProductDto)) },
})

const read = defineRoute('public', {
  method: 'get',
  path: '/v1/products/{productId}',
  tags,
  summary: 'A product',
  request: { params },
  responses: { 200: answers('The product', ProductDto) },
})

const create = defineRoute(['seller'], {
  method: 'post',
  path: '/v1/products',
  tags,
  summary: 'List a product',
  request: { body: jsonBody(CreateBody) },
  responses: { 201: answers('The new product', ProductDto) },
})

const change = defineRoute(owners, {
  method: 'patch',
  path: '/v1/products/{productId}',
  tags,
  summary: 'Change a product of yours',
  description: 'Variants are matched by id; one without an id is added. A stale `version` is a 409, a stale If-Match a 412.',
  request: { params, headers: ifMatch, body: jsonBody(ChangeBody) },
  responses: { 200: answers('The product after the change', ProductDto) },
})

const archive = defineRoute(owners, {
  method: 'delete',
  path: '/v1/products/{productId}',
  tags,
  summary: 'Archive a product of yours',
  request: { params, headers: ifMatch },
  responses: { 204: { description: 'The product is archived' } },
})

export const app: App<ProductEnv, Deps> = newApp({ worker: 'product', depsFrom, sweep })

pictureRoute(app)

app.openapi(list, async (c) => asJson(c, await listProducts(c.var.deps, actorOf(c), c.req.valid('query'))))

app.openapi(read, async (c) => {
  const found = await readProduct(c.var.deps, actorOf(c), c.req.valid('param').productId)
  const { version, status, sellerId } = found.facts
  const viewed: Record<string, string> = status === 'active' ? { [viewedHeader]: String(sellerId) } : {}
  return asJson(c, found, { ...etag({ version: Number(version) }), ...viewed })
})

app.openapi(create, async (c) => {
  const { attempt, deps } = c.var
  const made = attempt && { id: attempt.id('prd'), resumed: attempt.resumed }
  const product = await createProduct(deps, requireActor(c).userId, c.req.valid('json'), made)
  return c.json(toProductDto(product), 201, { ...etag(product), location: `/v1/products/${product._id}` })
})

app.openapi(change, async (c) => {
  const { version, ...changes } = c.req.valid('json')
  const expected = { version, ifMatch: versionIn(c.req.valid('header')['if-match']) }
  const product = await changeProduct(c.var.deps, requireActor(c), c.req.valid('param').productId, changes, expected)
  return c.json(toProductDto(product), 200, etag(product))
})

app.openapi(archive, async (c) => {
  const expected = { ifMatch: versionIn(c.req.valid('header')['if-match']) }
  await archiveProduct(c.var.deps, requireActor(c), c.req.valid('param').productId, expected)
  return c.body(null, 204)
})

/** Sends an answer that is JSON already. `Age` marks a cached answer that is served while the database is down. */
function asJson(c: Context, { text, at, stale }: Pick<Found, 'text' | 'at' | 'stale'>, headers: Record<string, string> = {}) {
  const age: Record<string, string> = stale ? { age: String(Math.round((Date.now() - at) / 1000)) } : {}
  return c.body(text, 200, { 'content-type': 'application/json', ...headers, ...age }) as never
}

const etag = ({ version }: { version: number }) => ({ etag: `"${version}"` })

/** The version in an If-Match; undefined when it accepts any. @throws AppError `precondition_failed` for a tag of another form */
function versionIn(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined
  const version = header.trim().match(/^"(\d{1,15})"$/)?.[1]
  if (version === undefined) throw new AppError('precondition_failed')
  return Number(version)
}
