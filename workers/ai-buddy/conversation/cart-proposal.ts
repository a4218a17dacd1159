import type { CartApi } from '../../../shared/contracts/cart'
import { AppError, problems } from '../../../shared/contracts/errors'
import type { Instant, MessageId } from '../../../shared/contracts/ids'
import { sameMoney } from '../../../shared/contracts/money'
import type { CartAction, CartContext, ProductContext, Proposal } from '../context/context-item'
import { longest } from '../context/item-text'
import { plainText } from '../context/quotation'
import { type Catalogue, readProducts } from '../context/tools'
import { type Conversation, isOpen, type Offered, proposalLife } from './conversation'
import type { ConversationRepo } from './conversation-repo'

type Needs = Catalogue & {
  cart: Pick<CartApi, 'add'>
  conversations: Pick<ConversationRepo, 'confirm'>
  now(): Instant
}

/** The most pieces of one variant that a cart holds. Source: workers/cart/cart.ts */
const maxPieces = 99

/** What a message does about the cart, and what was read for it. */
export type CartStep = {
  cartAction: CartAction
  items: (ProductContext | CartContext)[]
  /** The message whose confirmation is completed by it; null where none was begun. */
  completed: MessageId | null
}

const refuse = (
  why: string,
  proposal: Proposal | null,
  items: CartStep['items'] = [],
  completed: MessageId | null = null,
): CartStep => ({ cartAction: { type: 'refused', why, proposal }, items, completed })

/** What would go into the cart, for the shopper to confirm; refused unless it is a number of pieces that a cart takes and that there are. */
export function propose(product: ProductContext, quantity: number | null, now: Instant): CartStep {
  if (quantity === null || !Number.isInteger(quantity) || quantity < 1 || quantity > maxPieces)
    return refuse('validation_failed', null, [product])
  const { productId, variantId, unitPrice, available } = product
  const title = plainText(product.title, longest.title)
  const proposal = { productId, variantId, title, quantity, unitPrice, expiresAt: now + proposalLife }
  if (available < quantity) return refuse('out_of_stock', null, [product])
  return { cartAction: { type: 'proposed', proposal }, items: [product], completed: null }
}

/**
 * Puts into the cart what the turn before proposed, once, however often and from however many devices it is confirmed: one conditional
 * write takes the proposal under the id of the message that confirms it, and that id is the key of the addition. What a crash left
 * half-done is completed by a retry of that message, or by another yes in its place. Another price is proposed anew.
 * @throws AppError `unavailable` and what else may succeed in another try
 */
export async function confirm(needs: Needs, conversation: Conversation | null, messageId: MessageId): Promise<CartStep> {
  const now = needs.now()
  if (!conversation) return refuse('invalid_state', null)
  const { offered, confirmed, userId } = conversation
  if (confirmed?.messageId === messageId) return complete(needs, userId, confirmed)
  if (offered) return isOpen(offered, now) ? take(needs, conversation, offered, messageId) : refuse('expired', offered.proposal)
  // With anything said since, a yes is to something else.
  if (conversation.turns.at(-1)?.id !== confirmed?.by || !confirmed) return refuse('invalid_state', null)
  if (confirmed.proposal.expiresAt <= now) return refuse('expired', confirmed.proposal, [], confirmed.messageId)
  return complete(needs, userId, confirmed)
}

/** Proposes once more what is proposed, as `yes?` is no yes. @throws AppError `unavailable` */
export async function askAgain(needs: Needs, conversation: Conversation | null): Promise<CartStep> {
  const offered = conversation?.offered
  if (!offered) return refuse('invalid_state', null)
  if (!isOpen(offered, needs.now())) return refuse('expired', offered.proposal)
  const present = await readAgain(needs, offered.proposal)
  return present.refusal ?? propose(present.product, offered.proposal.quantity, needs.now())
}

/** What is proposed as it is now, or why it can no longer be bought. */
async function readAgain(
  needs: Catalogue,
  proposal: Proposal,
): Promise<{ refusal: CartStep } | { refusal: null; product: ProductContext }> {
  const { productId, variantId, title, quantity } = proposal
  const of = { productIds: [productId], variantIds: [variantId] }
  const [product] = await readProducts(needs, { of, words: title, filters: {}, each: 1 })
  if (!product) return { refusal: refuse('not_found', proposal) }
  return product.available < quantity ? { refusal: refuse('out_of_stock', proposal, [product]) } : { refusal: null, product }
}

async function take(
  needs: Needs,
  conversation: Conversation,
  { by, proposal }: Offered,
  messageId: MessageId,
): Promise<CartStep> {
  const present = await readAgain(needs, proposal)
  if (present.refusal) return present.refusal
  const { product } = present
  if (!sameMoney(product.unitPrice, proposal.unitPrice)) return propose(product, proposal.quantity, needs.now())
  const confirmed = { messageId, by, proposal }
  // Another device was faster, or something else is proposed by now, or there is no room to say that it was added.
  if (!(await needs.conversations.confirm(conversation, by, confirmed))) return refuse('invalid_state', null)
  return complete(needs, conversation.userId, confirmed)
}

async function complete(
  { cart }: Needs,
  userId: Conversation['userId'],
  { messageId, proposal }: NonNullable<Conversation['confirmed']>,
): Promise<CartStep> {
  const { variantId, quantity } = proposal
  try {
    const snapshot = await cart.add(userId, { variantId, quantity }, messageId)
    const line = snapshot.items.find((item) => item.variantId === variantId)
    // The price that the cart took it at, should it have changed at that very moment.
    const added = { ...proposal, unitPrice: line?.unitPrice ?? proposal.unitPrice }
    return {
      cartAction: { type: 'added', proposal: added },
      items: [{ kind: 'cart', cart: snapshot }],
      completed: messageId,
    }
  } catch (error) {
    const known = AppError.from(error)
    // Another device said yes at the same moment.
    if (known?.code === 'idempotency_in_progress') throw new AppError('busy', undefined, { retryAfter: 1 })
    if (!known || problems[known.code].retry) throw error
    return refuse(known.code, proposal, [], messageId)
  }
}
