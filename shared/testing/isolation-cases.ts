import { newId } from '../contracts/ids'
import type { Answer } from './http'
import type { Case } from './isolation'

/** What there is to get at: a shop with a product on sale and a draft, and a shopper with two orders of it. */
export type World = {
  seller: { id: string; email: string | null }
  buyer: { id: string; email: string | null; sessionId: string }
  product: { productId: string; variantId: string }
  draft: { productId: string; variantId: string; title: string }
  order: string
  paidOrder: string
  notification: string
  conversation: string
  suggestion: string
}

type Asked = Case<World>
const orderOfBuyer = ({ order }: World) => ({ by: 'buyer', at: `/v1/orders/${order}` })
const draftOfSeller = ({ draft }: World) => ({ by: 'seller', at: `/v1/products/${draft.productId}` })
const stockOfSeller = ({ product }: World) => ({ by: 'seller', at: `/v1/inventory/${product.variantId}` })
const cartOfBuyer = () => ({ by: 'buyer', at: '/v1/cart' })
const paymentOfBuyer = ({ order }: World) => ({ by: 'buyer', at: `/v1/payments/${order}` })

const anOrder = { of: ({ order }: World) => order, seen: orderOfBuyer }
const aPayment = { of: ({ order }: World) => order, seen: paymentOfBuyer }
const aDraft = { of: ({ draft }: World) => draft.productId, seen: draftOfSeller }
const aStock = { of: ({ product }: World) => product.variantId, seen: stockOfSeller }
const aConversation = {
  of: ({ conversation }: World) => conversation,
  seen: ({ conversation }: World) => ({ by: 'buyer', at: `/v1/assistant/conversations/${conversation}` }),
}
const aSuggestion = {
  of: ({ suggestion }: World) => suggestion,
  body: () => ({}),
  seen: () => ({ by: 'seller', at: '/v1/assistant/seller/suggestions' }),
}
const aLine = { of: ({ product }: World) => product.variantId, seen: cartOfBuyer }

/** The audit Worker makes its letters' ids of the Worker's name and the message's id. */
const aDeadLetter = `order:${newId('evt')}`

/** For every route with something in its path: what of somebody's it names, or why it is everyone's. */
export const cases: Readonly<Record<string, Asked>> = {
  'DELETE /v1/auth/sessions/{id}': {
    of: ({ buyer }) => buyer.sessionId,
    seen: () => ({ by: 'buyer', at: '/v1/auth/sessions' }),
  },
  'PUT /v1/auth/users/{id}/role': {
    of: ({ buyer }) => buyer.id,
    body: () => ({ role: 'admin' }),
    seen: () => ({ by: 'buyer', at: '/v1/auth/me' }),
  },
  'GET /v1/dead-letters/{id}': { operators: aDeadLetter },
  'POST /v1/dead-letters/{id}/redrive': { operators: aDeadLetter, body: {} },
  'POST /v1/dead-letters/{id}/discard': { operators: aDeadLetter, body: { reason: 'to hide it' } },
  'GET /v1/events/replays/{id}': { operators: newId('rpl') },
  'GET /v1/products/{productId}': aDraft,
  'PATCH /v1/products/{productId}': { ...aDraft, body: () => ({ title: 'Taken over' }) },
  'DELETE /v1/products/{productId}': aDraft,
  'GET /v1/inventory/{variantId}': aStock,
  'PUT /v1/inventory/{variantId}': { ...aStock, body: () => ({ onHand: 0 }) },
  'GET /v1/inventory/{variantId}/movements': aStock,
  'PATCH /v1/cart/items/{variantId}': { ...aLine, body: () => ({ quantity: 9 }) },
  'DELETE /v1/cart/items/{variantId}': aLine,
  'GET /v1/orders/{id}': anOrder,
  'POST /v1/orders/{id}/cancel': { ...anOrder, body: () => ({}) },
  'POST /v1/orders/{id}/shipments': { of: ({ paidOrder }) => paidOrder, body: () => ({}), seen: orderOfBuyer },
  'POST /v1/orders/{id}/deliveries': { of: ({ paidOrder }) => paidOrder, body: () => ({}), seen: orderOfBuyer },
  'GET /v1/payments/{orderId}': aPayment,
  'POST /v1/payments/{orderId}/confirm': { ...aPayment, body: () => ({ paymentMethod: 'pm_card_visa' }) },
  'POST /v1/payments/{orderId}/refunds': { of: ({ paidOrder }) => paidOrder, body: () => ({}), seen: paymentOfBuyer },
  'POST /v1/payments/webhooks/{provider}': { shared: 'the path names a provider, and the body is signed' },
  'POST /v1/notifications/{id}/read': {
    of: ({ notification }) => notification,
    seen: () => ({ by: 'buyer', at: '/v1/notifications' }),
  },
  'GET /v1/assistant/conversations/{id}': aConversation,
  'DELETE /v1/assistant/conversations/{id}': aConversation,
  'DELETE /v1/assistant/interests/{category}': { shared: 'the path names a category, and what is erased is the caller’s own' },
  'POST /v1/assistant/seller/suggestions/{id}/apply': aSuggestion,
  'POST /v1/assistant/seller/suggestions/{id}/dismiss': aSuggestion,
  'POST /v1/assistant/seller/suggestions/{id}/restore': aSuggestion,
  'PUT /v1/products/{id}/watch': {
    ...aDraft,
    says: { status: 204, because: 'one may wish to hear of any id, and hears of what is on sale alone' },
  },
  'DELETE /v1/products/{id}/watch': {
    ...aDraft,
    says: { status: 204, because: 'to stop what one never began leaves all as it is' },
  },
}

/** Everything by which one would recognise what is the victims' own, in any answer. */
export const tracesOf = ({ seller, buyer, draft, order, paidOrder, notification, conversation, suggestion }: World): string[] =>
  [
    seller.email,
    buyer.email,
    buyer.id,
    buyer.sessionId,
    draft.productId,
    draft.variantId,
    draft.title,
    order,
    paidOrder,
    notification,
    conversation,
    suggestion,
  ].filter((trace) => trace !== null)

/** Ids in a body or a query: each is asked with what is somebody's and with an id that nothing has, and must answer alike. */
export const smuggled: readonly {
  what: string
  by: 'buyer' | 'seller' | 'guest'
  of: (world: World) => string
  ask: (
    id: string,
    own: { productId: string; variantId: string },
  ) => { method: string; path: string; body?: Record<string, unknown> }
  says: (answer: Answer) => boolean
}[] = [
  {
    what: 'a variant of a draft, put into a cart',
    by: 'buyer',
    of: ({ draft }) => draft.variantId,
    ask: (variantId) => ({ method: 'POST', path: '/v1/cart/items', body: { variantId, quantity: 1 } }),
    says: ({ status }) => status === 404,
  },
  {
    what: "a variant of another shop, in a change of a product of one's own",
    by: 'seller',
    of: ({ product }) => product.variantId,
    ask: (id, { productId }) => ({
      method: 'PATCH',
      path: `/v1/products/${productId}`,
      body: { variants: [{ id, price: { amount: 1, currency: 'USD' } }] },
    }),
    says: ({ status }) => status >= 400 && status < 500,
  },
  {
    what: 'a seller whose drafts are asked for',
    by: 'seller',
    of: ({ seller }) => seller.id,
    ask: (id) => ({ method: 'GET', path: `/v1/products?seller=${id}&q=secretly` }),
    says: ({ json }) => json.items.length === 0,
  },
  {
    what: 'a conversation, gone on with',
    by: 'buyer',
    of: ({ conversation }) => conversation,
    ask: (conversationId) => ({ method: 'POST', path: '/v1/assistant/messages', body: { message: 'go on', conversationId } }),
    says: ({ status }) => status === 404,
  },
  {
    what: 'a seller whose dashboard is asked for',
    by: 'seller',
    of: ({ seller }) => seller.id,
    ask: (id) => ({ method: 'GET', path: `/v1/seller/dashboard?seller=${id}` }),
    says: ({ status }) => status === 404,
  },
]
