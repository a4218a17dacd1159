import type { Role } from '../../../shared/contracts/actor'
import { AppError } from '../../../shared/contracts/errors'
import type { Instant, MessageId, UserId } from '../../../shared/contracts/ids'
import type { Documents } from '../../../shared/storage/documents'

/** Messages that a user may send on a day (UTC). */
export const messagesPerDay = { guest: 40, others: 200 } as const
/** Tokens that the model may take for a user on a day (UTC). */
export const tokensPerDay = 40_000
/** Tokens reserved for one answer before the model begins, so that answers made at the same time cannot pass the day's limit together. */
export const tokensPerAnswer = 4_000

const dayLength: Instant = 24 * 3_600_000

/** What one user spent on one day. */
type Spent = {
  _id: `${UserId}:${number}`
  /** The messages that count already: a retry counts once. */
  messageIds: MessageId[]
  messages: number
  modelTokens: number
  /** The messages for which tokens are reserved. */
  reserved: MessageId[]
  expiresAt: Instant
}

/** What a user has left of the day, and the tokens that the model may take for this message; none when the day's are used up. */
export type Allowance = { left: number; resetsAt: Instant; modelTokens: number; day: Spent['_id'] }

export type BudgetRepo = ReturnType<typeof budgetRepo>

export function budgetRepo(documents: Documents) {
  const collection = documents.collection<Spent>({ name: 'budgets', indexes: [{ keys: { expiresAt: 1 } }] })
  return {
    /**
     * Counts a message, once, and reserves tokens for its answer. Each is one conditional write: of many at once, as many pass as
     * the limit allows. @throws AppError `too_many_requests` until midnight
     */
    spend: async (userId: UserId, role: Role, messageId: MessageId, now: Instant): Promise<Allowance> => {
      const most = role === 'guest' ? messagesPerDay.guest : messagesPerDay.others
      const today = Math.floor(now / dayLength)
      const resetsAt = (today + 1) * dayLength
      const day: Spent['_id'] = `${userId}:${today}`
      const fresh = { messageIds: [], messages: 0, modelTokens: 0, reserved: [], expiresAt: resetsAt + dayLength }
      const [, , , { document }] = await collection.batch([
        // By the id alone, so that two at once do not refuse each other.
        { action: 'updateOne', filter: { _id: day }, update: { $setOnInsert: fresh }, upsert: true },
        {
          action: 'updateOne',
          filter: { _id: day, messages: { $lt: most }, messageIds: { $ne: messageId } },
          update: { $inc: { messages: 1 }, $push: { messageIds: messageId } },
        },
        {
          action: 'updateOne',
          filter: {
            ...{ _id: day, messageIds: messageId, reserved: { $ne: messageId } },
            modelTokens: { $lte: tokensPerDay - tokensPerAnswer },
          },
          update: { $inc: { modelTokens: tokensPerAnswer }, $push: { reserved: messageId } },
        },
        { action: 'findOne', filter: { _id: day } },
      ])
      const spent = document as Spent
      if (!spent.messageIds.includes(messageId))
        throw new AppError('too_many_requests', `At most ${most} messages a day`, { retryAfter: (resetsAt - now) / 1_000 })
      const modelTokens = spent.reserved.includes(messageId) ? tokensPerAnswer : 0
      return { left: most - spent.messages, resetsAt, modelTokens, day }
    },

    /** Releases the tokens that were reserved for an answer and not taken. A second call changes nothing. */
    release: ({ day, modelTokens }: Allowance, messageId: MessageId, taken: number) =>
      modelTokens === 0
        ? undefined
        : collection.updateOne(
            { _id: day, reserved: messageId },
            { $inc: { modelTokens: taken - modelTokens }, $pull: { reserved: messageId } },
          ),

    /** Uncounts a message that got no answer, and releases its tokens. A second call changes nothing. */
    refund: ({ day }: Allowance, messageId: MessageId) =>
      collection.batch([
        {
          action: 'updateOne',
          filter: { _id: day, messageIds: messageId },
          update: { $inc: { messages: -1 }, $pull: { messageIds: messageId } },
        },
        {
          action: 'updateOne',
          filter: { _id: day, reserved: messageId },
          update: { $inc: { modelTokens: -tokensPerAnswer }, $pull: { reserved: messageId } },
        },
      ]),

    deleteExpired: (now: Instant) => collection.deleteMany({ expiresAt: { $lt: now } }),
  }
}
