import { z } from '@hono/zod-openapi'
import type { Actor } from '../../shared/contracts/actor'
import { AppError } from '../../shared/contracts/errors'
import { idSchema, iso } from '../../shared/contracts/ids'
import { type App, newApp } from '../../shared/http/app'
import { requireActor } from '../../shared/http/authorise'
import { beforeOf, CursorSchema, LimitSchema, PageSchema, page } from '../../shared/http/cursor'
import { answers, defineRoute, jsonBody } from '../../shared/http/route'
import { line } from '../../shared/http/text'
import { setOnHand, stockOf } from './commands'
import { type Deps, depsFrom } from './deps'
import type { Movement, StockSummary } from './stock'
import { sweep } from './sweep'

const StockDto = z
  .object({
    variantId: z.string(),
    onHand: z.int(),
    held: z.int(),
    available: z.int(),
    lowStockThreshold: z.int(),
  })
  .openapi('Stock')

const MovementDto = z
  .object({
    id: z.string(),
    kind: z.enum(['open', 'set', 'hold', 'release', 'expire', 'commit', 'restock']),
    quantity: z.int(),
    orderId: z.string().nullable(),
    actorId: z.string().nullable(),
    reason: z.string().nullable(),
    at: z.iso.datetime(),
  })
  .openapi('StockMovement')

const params = z.object({ variantId: idSchema('var') })
const owners = ['seller', 'admin'] as const

const readStock = defineRoute(owners, {
  method: 'get',
  path: '/v1/inventory/{variantId}',
  tags: ['inventory'],
  summary: 'The stock of one of your variants',
  request: { params },
  responses: { 200: answers('The stock', StockDto) },
})

const writeStock = defineRoute(owners, {
  method: 'put',
  path: '/v1/inventory/{variantId}',
  tags: ['inventory'],
  summary: 'Set what is physically there, held units included',
  request: {
    params,
    body: jsonBody(z.strictObject({ onHand: z.int().min(0).max(10_000_000), reason: line(200).optional() })),
  },
  responses: { 200: answers('The stock after the change', StockDto) },
})

const listMovements = defineRoute(owners, {
  method: 'get',
  path: '/v1/inventory/{variantId}/movements',
  tags: ['inventory'],
  summary: 'What changed the stock of a variant, newest first',
  request: { params, query: z.strictObject({ limit: LimitSchema, cursor: CursorSchema.optional() }) },
  responses: { 200: answers('A page of movements', PageSchema(MovementDto)) },
})

export const app: App<InventoryEnv, Deps> = newApp({ worker: 'inventory', depsFrom, sweep })

app.openapi(readStock, async (c) => {
  const { variantId } = c.req.valid('param')
  return c.json(toStockDto(await stockOf(c.var.deps, variantId, ownerOf(requireActor(c)))), 200)
})

app.openapi(writeStock, async (c) => {
  const actor = requireActor(c)
  const { onHand, reason = null } = c.req.valid('json')
  const { variantId } = c.req.valid('param')
  const by = { reason, actorId: actor.userId }
  const [stock] = await setOnHand(c.var.deps, ownerOf(actor), [{ variantId, onHand }], by)
  if (!stock) throw new AppError('not_found')
  return c.json(toStockDto(stock), 200)
})

app.openapi(listMovements, async (c) => {
  const { variantId } = c.req.valid('param')
  const { limit, cursor } = c.req.valid('query')
  const before = beforeOf(cursor)
  await stockOf(c.var.deps, variantId, ownerOf(requireActor(c)))
  const found = await c.var.deps.movements.page(variantId, before, limit + 1)
  return c.json(
    page(found, limit, toMovementDto, ({ at, _id }) => [at, _id]),
    200,
  )
})

const ownerOf = (actor: Actor) => (actor.role === 'admin' ? 'any' : actor.userId)

const toStockDto = ({ _id, available, held, lowStockThreshold }: StockSummary) => ({
  variantId: _id,
  onHand: available + held,
  held,
  available,
  lowStockThreshold,
})

const toMovementDto = ({ _id, kind, quantity, orderId, actorId, reason, at }: Movement) => ({
  id: _id,
  kind,
  quantity,
  orderId,
  actorId,
  reason,
  at: iso(at),
})
