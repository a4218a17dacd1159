import type { Actor } from '../../../shared/contracts/actor'
import { AppError } from '../../../shared/contracts/errors'
import type { ConversationId, MessageId } from '../../../shared/contracts/ids'
import { logger } from '../../../shared/runtime/logger'
import { compose } from '../answers/compose'
import type { Planner } from '../answers/model'
import type { AnswerPart, GenerationRequest, Intent } from '../context/answer-types'
import type { CartAction, ContextItem } from '../context/context-item'
import { isProduct, longest } from '../context/item-text'
import { plainText } from '../context/quotation'
import type { SearchFilters } from '../search/passage'
import type { Allowance, BudgetRepo } from './budget'
import { askAgain, confirm } from './cart-proposal'
import { type Conversation, historyOf, isOpen, maxMessages, maxTurns, type Offered, type Turn, titleOf } from './conversation'
import type { ConversationRepo } from './conversation-repo'
import { type GatheredContext, gatherContext, shownLast } from './gather-context'
import { parseIntent } from './intent'
import { type InterestRepo, signsOf } from './interests'

type Needs = Parameters<typeof gatherContext>[0] &
  Parameters<typeof confirm>[0] & {
    conversations: Pick<ConversationRepo, 'load' | 'begin' | 'append'>
    interests: Pick<InterestRepo, 'of' | 'record'>
    budgets: Pick<BudgetRepo, 'spend' | 'release' | 'refund'>
    planner: Planner
  }

/** A message as it was sent. Its id, and that of a conversation that it begins, are the same in every attempt under one key. */
export type TurnRequest = {
  messageId: MessageId
  conversationId: ConversationId | null
  beginning: ConversationId
  /** Whether an attempt before this one may have come further. */
  resumed: boolean
  message: string
  /** Says yes, whatever the words are, unless they say no or ask. */
  confirm: boolean
  filters: SearchFilters
}

export type FinishedTurn = { turn: Turn; conversationId: ConversationId; allowance: Allowance }
export type TurnPart = Exclude<AnswerPart, { type: 'done' }> | { type: 'done'; finished: FinishedTurn }

/** The most of what was found that an answer names as sources. */
const maxSources = 5

/**
 * One turn of a conversation. Everything is read, and the cart is changed, before this returns; the parts are the answer in words. The
 * last part comes when the turn is stored.
 * @throws AppError `not_found` (another user's conversation too), `invalid_state` when it is full, `too_many_requests`, `unavailable`
 */
export async function takeTurn(
  needs: Needs,
  actor: Actor,
  request: TurnRequest,
  signal: AbortSignal,
): Promise<AsyncIterable<TurnPart>> {
  const { userId, role } = actor
  const { messageId, message } = request
  const now = needs.now()
  const conversationId = request.conversationId ?? request.beginning
  const mayBeThere = request.conversationId !== null || request.resumed
  const [conversation, interests] = await Promise.all([
    mayBeThere ? needs.conversations.load(userId, conversationId) : null,
    role === 'guest' ? [] : needs.interests.of(userId, now).then(({ items }) => items),
  ])
  if (!conversation && request.conversationId !== null) throw new AppError('not_found')
  const stored = conversation?.turns.find(({ id }) => id === messageId)
  // What this message put into the cart before it broke off must be reported, room or no room.
  const isBegun = conversation?.confirmed?.messageId === messageId
  if (conversation && !stored && !isBegun && conversation.turnCount >= maxTurns)
    throw new AppError('invalid_state', `A conversation holds ${maxMessages} messages: begin a new one`)
  const allowance = await needs.budgets.spend(userId, role, messageId, now)
  const release = (taken: number) => optionally(() => needs.budgets.release(allowance, messageId, taken))
  /** A message without an answer costs nothing. Tokens that the model took for it stay taken. */
  const refund = async (error: unknown): Promise<never> => {
    await optionally(() => needs.budgets.refund(allowance, messageId))
    throw error
  }
  if (stored) {
    await release(0)
    return replay({ turn: stored, conversationId, allowance })
  }

  const turns = conversation?.turns ?? []
  const offer = conversation?.offered ?? null
  const parsed = parseIntent(message, request.confirm || isBegun || (offer !== null && isOpen(offer, now)))
  const intent = request.confirm && parsed.intent !== 'decline' ? { ...parsed, intent: 'confirm' as const } : parsed
  const weights = Object.fromEntries(interests.map(({ category, weight }) => [category, weight]))
  const question = { userId, message, intent, filters: request.filters, shown: shownLast(turns), interests: weights }

  const act = async (): Promise<GatheredContext & { completed: MessageId | null }> => {
    if (intent.intent === 'confirm') {
      const step = intent.isQuestion ? await askAgain(needs, conversation) : await confirm(needs, conversation, messageId)
      return { found: [], ...step }
    }
    // A no withdraws what an earlier yes began and did not complete.
    const completed = intent.intent === 'decline' ? (conversation?.confirmed?.messageId ?? null) : null
    return { ...(await gatherContext(needs, question)), completed }
  }
  const gathered = await act().catch(refund)
  const items: ContextItem[] = gathered.items.map((item, at) => ({ n: at + 1, ...item }))
  const cartAction: CartAction | null = intent.intent === 'decline' ? { type: 'declined' } : gathered.cartAction
  const generation: GenerationRequest = {
    ...{ question: message, history: historyOf(turns), intent: intent.intent, cartAction, items },
  }
  const categories = items.filter(isProduct).map(({ category }) => category)
  const usedInterests = interests.filter(({ category }) => categories.includes(category)).map(({ category }) => category)

  const proposal = cartAction?.type === 'proposed' ? cartAction.proposal : null
  const offered = proposal && { by: messageId, proposal }
  const sources = gathered.found
    .slice(0, maxSources)
    .map(({ kind, sourceId: id, title }) => ({ kind, id, title: plainText(title, longest.title) }))

  return (async function* () {
    for await (const part of compose(needs.planner, generation, { signal, modelBudget: allowance.modelTokens })) {
      if (part.type !== 'done') {
        yield part
        continue
      }
      const { modelTokens, ...answer } = part.answer
      const turn: Turn = { id: messageId, at: now, question: message, answer: { ...answer, proposal, sources, usedInterests } }
      const ids = { conversationId, userId, isNew: conversation === null }
      // First, as they are taken whether or not the answer can be stored.
      await release(modelTokens)
      await store(needs, ids, turn, offered, gathered.completed).catch((error: unknown) => {
        const isRefused = AppError.is(error, 'not_found') || AppError.is(error, 'invalid_state')
        // The cart has changed: the user must learn of it, though the conversation is gone or full.
        return isRefused && cartAction?.type === 'added' ? undefined : refund(error)
      })
      // What was only read to change the cart shows no interest; of several categories the first says what the question was about.
      if (role !== 'guest' && showsInterest.has(intent.intent))
        await optionally(() => needs.interests.record(userId, signsOf(messageId, userId, categories.slice(0, 1), now)))
      yield { type: 'done' as const, finished: { turn, conversationId, allowance } }
    }
  })()
}

const showsInterest = new Set<Intent>(['find_products', 'ask_product', 'add_to_cart'])

/** The answer that an earlier attempt stored. */
async function* replay(finished: FinishedTurn): AsyncIterable<TurnPart> {
  yield { type: 'done', finished }
}

type Ids = { conversationId: ConversationId; userId: Actor['userId']; isNew: boolean }

/** @throws AppError `not_found` when the conversation was deleted meanwhile, `invalid_state` when others filled it */
async function store(
  { conversations }: Pick<Needs, 'conversations'>,
  { conversationId: _id, userId, isNew }: Ids,
  turn: Turn,
  offered: Offered | null,
  completed: MessageId | null,
): Promise<void> {
  const { at, question } = turn
  const fresh: Conversation = {
    ...{ _id, userId, title: titleOf(question), turns: [turn], turnCount: 1, offered, confirmed: null },
    ...{ createdAt: at, updatedAt: at },
  }
  if (isNew && (await conversations.begin(fresh))) return
  if (!isNew && (await conversations.append({ _id, userId }, turn, offered, completed))) return
  const found = await conversations.load(userId, _id)
  if (!found) throw new AppError('not_found', 'The conversation was deleted meanwhile')
  if (!found.turns.some(({ id }) => id === turn.id))
    throw new AppError('invalid_state', 'The conversation is full: begin a new one')
}

/** Work that an answer does not depend on: at worst something is counted that was not used, or an interest is not recorded. */
async function optionally(work: () => Promise<unknown> | undefined): Promise<void> {
  try {
    await work()
  } catch (error) {
    logger.warn('optional work of an answer failed', { error })
  }
}
