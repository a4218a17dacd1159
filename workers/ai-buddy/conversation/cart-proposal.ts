import { AppError, problems } from '../../../shared/contracts/errors'
import type { Instant, MessageId } from '../../../shared/contracts/ids'
import { sameMoney } from '../../../shared/contracts/money'
import type { CartRead, Deed, ProductRead, Proposal } from '../context/context-item'
import { isNameable, nameOf } from '../context/labels'
import { readProducts } from '../context/tools'
import type { Deps } from '../deps'
import { type Conversation, isOpen, type Offered, proposalLife } from './conversation'

/** The most pieces of one variant that a cart holds. Source: workers/cart/cart.ts */
const maxPieces = 99

/** What came of a message that is more than a question, and what was read for it. */
export type Done = {
  deed: Deed
  reads: (ProductRead | CartRead)[]
  /** The message whose confirmation is over with it; null where none was begun. */
  settled: MessageId | null
}

const refuse = (why: string, proposal: Proposal | null, reads: Done['reads'] = [], settled: MessageId | null = null): Done => ({
  ...{ deed: { did: 'refused', why, proposal }, reads, settled },
})

/**
 * What would go into the cart, for the shopper to confirm. Refused are what cannot be called by its name, for nobody says yes to what they
 * do not see, and what is no number of pieces that a cart takes, to be asked for.
 */
export function propose(read: ProductRead, quantity: number | null, now: Instant): Done {
  if (quantity === null || !Number.isInteger(quantity) || quantity < 1 || quantity > maxPieces)
    return refuse('validation_failed', null, [read])
  if (!isNameable(read)) return refuse('unnamed', null, [read])
  const { productId, variantId, unitPrice, available } = read
  const proposal = { productId, variantId, title: nameOf(read), quantity, unitPrice, expiresAt: now + proposalLife }
  if (available < quantity) return refuse('out_of_stock', null, [read])
  return { deed: { did: 'proposed', proposal }, reads: [read], settled: null }
}

/**
 * Puts into the cart what the turn before proposed, once however often and from however many devices it is confirmed: one conditional write
 * takes the proposal, under the id of the message that confirms it, and that id is the key of the addition. What a crash left half-way is
 * gone on with by a retry of that message, or by another yes in the place of the first. Another price is proposed anew.
 * @throws AppError `unavailable` and whatever else may go better in another try
 */
export async function confirm(deps: Deps, conversation: Conversation | null, messageId: MessageId): Promise<Done> {
  const now = deps.now()
  if (!conversation) return refuse('invalid_state', null)
  const { offered, confirmed, userId } = conversation
  if (confirmed?.messageId === messageId) return finish(deps, userId, confirmed)
  if (offered) return isOpen(offered, now) ? take(deps, conversation, offered, messageId) : refuse('expired', offered.proposal)
  // With anything said since, a yes is to something else.
  if (conversation.turns.at(-1)?.id !== confirmed?.by || !confirmed) return refuse('invalid_state', null)
  if (confirmed.proposal.expiresAt <= now) return refuse('expired', confirmed.proposal, [], confirmed.messageId)
  return finish(deps, userId, confirmed)
}

/** Proposes once more what is proposed, as `yes?` is no yes. @throws AppError `unavailable` */
export async function askAgain(deps: Deps, conversation: Conversation | null): Promise<Done> {
  const offered = conversation?.offered
  if (!offered) return refuse('invalid_state', null)
  if (!isOpen(offered, deps.now())) return refuse('expired', offered.proposal)
  const looked = await look(deps, offered.proposal)
  return looked.done ?? propose(looked.read, offered.proposal.quantity, deps.now())
}

/** What is proposed as it is now, or why it cannot be had any more. */
async function look(deps: Deps, proposal: Proposal): Promise<{ done: Done } | { done: null; read: ProductRead }> {
  const { productId, variantId, title, quantity } = proposal
  const of = { productIds: [productId], variantIds: [variantId] }
  const [read] = await readProducts(deps, { of, words: title, filters: {}, each: 1 })
  if (!read) return { done: refuse('not_found', proposal) }
  return read.available < quantity ? { done: refuse('out_of_stock', proposal, [read]) } : { done: null, read }
}

async function take(deps: Deps, conversation: Conversation, { by, proposal }: Offered, messageId: MessageId): Promise<Done> {
  const looked = await look(deps, proposal)
  if (looked.done) return looked.done
  const { read } = looked
  if (!sameMoney(read.unitPrice, proposal.unitPrice)) return propose(read, proposal.quantity, deps.now())
  const confirmed = { messageId, by, proposal }
  // Another device was faster, or what was proposed is something else by now, or there is no room to say that it was added.
  if (!(await deps.conversations.confirm(conversation, by, confirmed))) return refuse('invalid_state', null)
  return finish(deps, conversation.userId, confirmed)
}

async function finish(
  { cart }: Deps,
  userId: Conversation['userId'],
  { messageId, proposal }: NonNullable<Conversation['confirmed']>,
): Promise<Done> {
  const { variantId, quantity } = proposal
  try {
    const snapshot = await cart.add(userId, { variantId, quantity }, messageId)
    const line = snapshot.items.find((item) => item.variantId === variantId)
    // What the cart took it at, should the price have changed at that very moment.
    const added = { ...proposal, unitPrice: line?.unitPrice ?? proposal.unitPrice }
    return { deed: { did: 'added', proposal: added }, reads: [{ kind: 'cart', cart: snapshot }], settled: messageId }
  } catch (error) {
    const known = AppError.from(error)
    // Another device said yes at the same moment.
    if (known?.code === 'idempotency_in_progress') throw new AppError('busy', undefined, { retryAfter: 1 })
    if (!known || problems[known.code].retry) throw error
    return refuse(known.code, proposal, [], messageId)
  }
}
