import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { CartSnapshot } from '../../shared/contracts/cart'
import { CartLineFacts } from '../../shared/contracts/facts'
import { idSchema } from '../../shared/contracts/ids'
import { CurrencySchema, MoneySchema } from '../../shared/contracts/money'
import { type App, type AppEnv, newApp } from '../../shared/http/app'
import { requireActor } from '../../shared/http/authorise'
import { answers, defineRoute, jsonBody } from '../../shared/http/route'
import { maxQuantity } from './cart'
import type { Caller } from './cart-object-api'
import { add, clear, merge, remove, setQuantity } from './commands'
import { type Deps, depsFrom } from './deps'
import { sweep } from './sweep'

const CartDto = z
  .object({
    id: z.string(),
    version: z.int(),
    currency: CurrencySchema.nullable(),
    items: z.array(CartLineFacts),
    itemCount: z.int(),
    subtotal: MoneySchema.nullable(),
  })
  .openapi('Cart')

const entityTag = String.raw`(W\/)?"[\x21\x23-\x7e]*"`
const headers = z.object({
  'if-match': z
    .string()
    .max(1000)
    .regex(new RegExp(String.raw`^(\*|${entityTag}(\s*,\s*${entityTag})*)$`), 'must be the ETag of a cart, such as "7"')
    .optional()
    .openapi({ description: 'Change the cart only while it is at this version', example: '"7"' }),
})
const params = z.object({ variantId: idSchema('var') })
const quantity = z.int().min(1).max(maxQuantity)
const shape = { tags: ['cart'], responses: { 200: answers('The cart', CartDto) } }

const readCart = defineRoute('signed-in', { ...shape, method: 'get', path: '/v1/cart', summary: 'Your cart' })

const clearCart = defineRoute('signed-in', {
  ...shape,
  ...{ method: 'delete', path: '/v1/cart', summary: 'Take everything out of your cart', request: { headers } },
})

const addItem = defineRoute('signed-in', {
  ...shape,
  ...{ method: 'post', path: '/v1/cart/items', summary: 'Put pieces of a variant into your cart, more of what is there' },
  request: { headers, body: jsonBody(z.strictObject({ variantId: idSchema('var'), quantity })) },
})

const changeItem = defineRoute('signed-in', {
  ...shape,
  ...{ method: 'patch', path: '/v1/cart/items/{variantId}', summary: 'Set how many pieces of a variant your cart holds' },
  request: { headers, params, body: jsonBody(z.strictObject({ quantity })) },
})

const removeItem = defineRoute('signed-in', {
  ...shape,
  ...{ method: 'delete', path: '/v1/cart/items/{variantId}', summary: 'Take a variant out of your cart' },
  request: { headers, params },
})

const mergeCart = defineRoute(['buyer', 'seller'], {
  ...shape,
  ...{ method: 'post', path: '/v1/cart/merge', summary: 'Move what you collected as a guest into your cart' },
  request: { headers, body: jsonBody(z.strictObject({ guestToken: z.string().min(1).max(4096) })) },
})

export const app: App<CartEnv, Deps> = newApp({ worker: 'cart', depsFrom, sweep })

app.openapi(readCart, async (c) => {
  const { userId } = requireActor(c)
  return tagged(c, await c.var.deps.cartOf(userId).visit(userId))
})

app.openapi(clearCart, async (c) => {
  return tagged(c, await clear(c.var.deps, callerOf(c, c.req.valid('header'))))
})

app.openapi(addItem, async (c) => {
  const { variantId, quantity: pieces } = c.req.valid('json')
  return tagged(c, await add(c.var.deps, callerOf(c, c.req.valid('header')), variantId, pieces))
})

app.openapi(changeItem, async (c) => {
  const caller = callerOf(c, c.req.valid('header'))
  return tagged(c, await setQuantity(c.var.deps, caller, c.req.valid('param').variantId, c.req.valid('json').quantity))
})

app.openapi(removeItem, async (c) => {
  return tagged(c, await remove(c.var.deps, callerOf(c, c.req.valid('header')), c.req.valid('param').variantId))
})

app.openapi(mergeCart, async (c) =>
  tagged(c, await merge(c.var.deps, callerOf(c, c.req.valid('header')), c.req.valid('json').guestToken)),
)

type CartContext = Context<AppEnv<CartEnv, Deps>>

/** The versions in If-Match are strong tags of ours; any other tag matches no cart. */
function callerOf(c: CartContext, { 'if-match': ifMatch }: z.infer<typeof headers>): Caller {
  const { userId } = requireActor(c)
  const { attempt, deps } = c.var
  const caller = { userId, traceparent: deps.traceparent, ...(attempt ? { attempt: attempt.id('req') } : {}) }
  if (ifMatch === undefined || ifMatch === '*') return caller
  const versions = ifMatch.split(',').flatMap((tag) => tag.trim().match(/^"(\d{1,15})"$/)?.[1] ?? [])
  return { ...caller, ifMatch: versions.map(Number) }
}

function tagged(c: CartContext, { userId: _owner, ...cart }: CartSnapshot) {
  c.header('etag', `"${cart.version}"`)
  return c.json(cart, 200)
}
