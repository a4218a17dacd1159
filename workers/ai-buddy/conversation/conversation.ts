import type { ConversationId, Instant, MessageId, UserId } from '../../../shared/contracts/ids'
import type { Answer } from '../context/answer-types'
import type { Proposal } from '../context/context-item'
import type { Passage } from '../search/passage'

/** The most messages of a conversation; a turn is two, the question and the answer. */
export const maxMessages = 100
export const maxTurns = maxMessages / 2
/** The most conversations of one user; the oldest go. */
export const maxConversations = 200
/** Milliseconds that a conversation is stored after its last turn. */
export const keptFor: Instant = 180 * 24 * 3_600_000
/** Milliseconds in which a proposal may be confirmed. */
export const proposalLife: Instant = 10 * 60_000

/** A source that was found for a question. */
export type Source = { kind: Passage['kind']; id: string; title: string }

export type Turn = {
  id: MessageId
  at: Instant
  question: string
  answer: Omit<Answer, 'modelTokens'> & { proposal: Proposal | null; sources: Source[]; usedInterests: string[] }
}

/** What was proposed, and in which turn. */
export type Offered = { by: MessageId; proposal: Proposal }

/** A user's conversation with the assistant. */
export type Conversation = {
  _id: ConversationId
  userId: UserId
  /** How its first message begins. */
  title: string
  turns: Turn[]
  turnCount: number
  /** What a yes in the next turn would confirm. */
  offered: Offered | null
  /**
   * What the message `messageId` confirmed and is not known to be in the cart. An attempt to complete it adds to the cart under that
   * message's id, so that it gets there once.
   */
  confirmed: (Offered & { messageId: MessageId }) | null
  createdAt: Instant
  updatedAt: Instant
}

/** The most characters of a conversation's title. */
const titleLength = 80

export function titleOf(message: string): string {
  const line = message.replaceAll(/\s+/g, ' ').trim()
  return line.length > titleLength ? `${line.slice(0, titleLength - 1).trimEnd()}…`.toWellFormed() : line
}

/** The turns that a model sees of a conversation. */
const lookBack = 4

/** The last messages, the oldest first. */
export const historyOf = (turns: readonly Turn[]): { role: 'user' | 'assistant'; text: string }[] =>
  turns.slice(-lookBack).flatMap(({ question, answer }) => [
    { role: 'user' as const, text: question },
    { role: 'assistant' as const, text: answer.text },
  ])

export const isOpen = (offered: Offered, now: Instant): boolean => offered.proposal.expiresAt > now
