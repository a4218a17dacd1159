import type { Actor } from '../../../shared/contracts/actor'
import { AppError } from '../../../shared/contracts/errors'
import type { ConversationId, MessageId } from '../../../shared/contracts/ids'
import { logger } from '../../../shared/runtime/logger'
import { compose } from '../answers/compose'
import type { AnswerPart, Brief } from '../context/answer-types'
import type { ProductRead, Read } from '../context/context-item'
import { itemName } from '../context/labels'
import type { Deps } from '../deps'
import type { SearchFilters } from '../search/passage'
import type { Allowance } from './budget'
import { askAgain, confirm } from './cart-proposal'
import { type Conversation, historyOf, isOpen, maxMessages, maxTurns, type Offered, type Turn, titleOf } from './conversation'
import { type Readings, readFor, shownLast } from './gather-context'
import { wishOf } from './intent'
import { signsOf } from './interests'

/** A message as it was sent. Its id and that of a conversation which it begins are the same in every attempt under one key. */
export type Asked = {
  messageId: MessageId
  conversationId: ConversationId | null
  beginning: ConversationId
  /** Whether an attempt before this one may have come further. */
  resumed: boolean
  message: string
  /** Says yes, whatever the words are, unless they say no, or ask. */
  confirm: boolean
  filters: SearchFilters
}

export type Finished = { turn: Turn; conversationId: ConversationId; allowance: Allowance }
export type TurnPart = Exclude<AnswerPart, { type: 'done' }> | { type: 'done'; finished: Finished }

/** How many of what was found are named as sources. */
const maxSources = 5

/**
 * One turn of a conversation: everything is read, and what is to be done is done, before this returns; the parts are the wording of it.
 * The last comes when the turn is kept.
 * @throws AppError `not_found` (somebody else's conversation too), `invalid_state` when it is full, `too_many_requests`, `unavailable`
 */
export async function takeTurn(deps: Deps, actor: Actor, asked: Asked, signal: AbortSignal): Promise<AsyncIterable<TurnPart>> {
  const { userId, role } = actor
  const { messageId, message } = asked
  const now = deps.now()
  const conversationId = asked.conversationId ?? asked.beginning
  const mayBeThere = asked.conversationId !== null || asked.resumed
  const [conversation, interests] = await Promise.all([
    mayBeThere ? deps.conversations.load(userId, conversationId) : null,
    role === 'guest' ? [] : deps.interests.of(userId, now).then(({ items }) => items),
  ])
  if (!conversation && asked.conversationId !== null) throw new AppError('not_found')
  const kept = conversation?.turns.find(({ id }) => id === messageId)
  // What this message put into the cart before it broke off has to be told, room or no room.
  const isBegun = conversation?.confirmed?.messageId === messageId
  if (conversation && !kept && !isBegun && conversation.turnCount >= maxTurns)
    throw new AppError('invalid_state', `A conversation holds ${maxMessages} messages: begin a new one`)
  const allowance = await deps.budgets.spend(userId, role, messageId, now)
  const settle = (taken: number) => quietly(() => deps.budgets.settle(allowance, messageId, taken))
  /** Whoever gets no answer spent no message. What a model took for it stays taken. */
  const giveBack = async (error: unknown): Promise<never> => {
    await quietly(() => deps.budgets.giveBack(allowance, messageId))
    throw error
  }
  if (kept) {
    await settle(0)
    return replay({ turn: kept, conversationId, allowance })
  }

  const turns = conversation?.turns ?? []
  const offer = conversation?.offered ?? null
  const said = wishOf(message, asked.confirm || isBegun || (offer !== null && isOpen(offer, now)))
  const wish = asked.confirm && said.intent !== 'decline' ? { ...said, intent: 'confirm' as const } : said
  const weights = Object.fromEntries(interests.map(({ category, weight }) => [category, weight]))
  const question = { userId, message, wish, filters: asked.filters, shown: shownLast(turns), interests: weights }

  const act = async (): Promise<Readings & { settled: MessageId | null }> => {
    if (wish.intent === 'confirm') {
      const done = wish.isQuestion ? await askAgain(deps, conversation) : await confirm(deps, conversation, messageId)
      return { found: [], ...done }
    }
    // A no takes back what a yes before it began, and broke off.
    const settled = wish.intent === 'decline' ? (conversation?.confirmed?.messageId ?? null) : null
    return { ...(await readFor(deps, question)), settled }
  }
  const { settled, ...readings } = await act().catch(giveBack)
  const reads: Read[] = readings.reads.map((read, at) => ({ n: at + 1, ...read }) as Read)
  const deed = wish.intent === 'decline' ? { did: 'declined' as const } : readings.deed
  const brief: Brief = { question: message, history: historyOf(turns), intent: wish.intent, deed, reads, now }
  const categories = reads.flatMap((read) => (read.kind === 'product' ? [read.category] : []))
  const usedInterests = interests.filter(({ category }) => categories.includes(category)).map(({ category }) => category)

  const proposal = deed?.did === 'proposed' ? deed.proposal : null
  const offered = proposal && { by: messageId, proposal }
  const sources = readings.found
    .slice(0, maxSources)
    .map(({ kind, sourceId: id, title }) => ({ kind, id, title: kind === 'article' ? title : itemName(title) }))

  return (async function* () {
    for await (const part of compose(deps.writing, brief, { signal, modelBudget: allowance.modelTokens })) {
      if (part.type !== 'done') {
        yield part
        continue
      }
      const { modelTokens, ...answer } = part.answer
      const turn: Turn = { id: messageId, at: now, question: message, answer: { ...answer, proposal, sources, usedInterests } }
      const ids = { conversationId, userId, isNew: conversation === null }
      // First, as they are taken whether or not the answer can be kept.
      await settle(modelTokens)
      await keep(deps, ids, turn, offered, settled).catch((error: unknown) => {
        const isRefused = AppError.is(error, 'not_found') || AppError.is(error, 'invalid_state')
        // The cart has changed: whoever changed it is told so, though the conversation is gone or full.
        return isRefused && deed?.did === 'added' ? undefined : giveBack(error)
      })
      // What was only looked at to do something, or is in stock by chance, shows nothing.
      if (role !== 'guest' && shows.has(wish.intent))
        await quietly(() => deps.interests.learn(userId, signsOf(messageId, userId, categoriesAsked(reads), now)))
      yield { type: 'done' as const, finished: { turn, conversationId, allowance } }
    }
  })()
}

const shows = new Set<Brief['intent']>(['find_products', 'ask_product', 'add_to_cart'])

/** The categories of the products that answer a question, the best of which says what it was about. */
const categoriesAsked = (reads: readonly Read[]): string[] =>
  reads
    .filter((read): read is ProductRead & { n: number } => read.kind === 'product')
    .slice(0, 1)
    .map(({ category }) => category)

/** The answer that an attempt before this one kept. */
async function* replay(finished: Finished): AsyncIterable<TurnPart> {
  yield { type: 'done', finished }
}

type Ids = { conversationId: ConversationId; userId: Actor['userId']; isNew: boolean }

/** @throws AppError `not_found` when the conversation was deleted meanwhile, `invalid_state` when others filled it */
async function keep(
  { conversations }: Deps,
  { conversationId: _id, userId, isNew }: Ids,
  turn: Turn,
  offered: Offered | null,
  settled: MessageId | null,
): Promise<void> {
  const { at, question } = turn
  const fresh: Conversation = {
    ...{ _id, userId, title: titleOf(question), turns: [turn], turnCount: 1, offered, confirmed: null },
    ...{ createdAt: at, updatedAt: at },
  }
  if (isNew && (await conversations.begin(fresh))) return
  if (!isNew && (await conversations.append({ _id, userId }, turn, offered, settled))) return
  const found = await conversations.load(userId, _id)
  if (!found) throw new AppError('not_found', 'The conversation was deleted meanwhile')
  if (!found.turns.some(({ id }) => id === turn.id))
    throw new AppError('invalid_state', 'The conversation is full: begin a new one')
}

/** What an answer does not depend on: at worst something is counted that was not used, or not learnt. */
async function quietly(work: () => Promise<unknown> | undefined): Promise<void> {
  try {
    await work()
  } catch (error) {
    logger.warn('an answer is given without all that goes along', { error })
  }
}
