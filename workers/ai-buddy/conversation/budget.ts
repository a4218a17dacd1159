import type { Role } from '../../../shared/contracts/actor'
import { AppError } from '../../../shared/contracts/errors'
import type { Instant, MessageId, UserId } from '../../../shared/contracts/ids'
import type { Documents } from '../../../shared/storage/documents'

/** Messages that a user may send on a day (UTC). */
export const messagesPerDay = { guest: 40, others: 200 } as const
/** Tokens that the model may take for a user on a day (UTC). */
export const tokensPerDay = 40_000
/**
 * What is set aside for one answer before the model begins, and given back as far as it was not taken, so that answers that are made at
 * the same time cannot pass the day's limit together.
 */
export const tokensPerAnswer = 4_000

const dayLength: Instant = 24 * 3_600_000

/** What one user took on one day. */
type Spent = {
  _id: `${UserId}:${number}`
  /** Those that count already: a retry counts once. */
  messageIds: MessageId[]
  messages: number
  modelTokens: number
  /** Those for which tokens are set aside. */
  reserved: MessageId[]
  expiresAt: Instant
}

/** What is left of a day to a user, and the tokens that the model may take for this message; none when the day's are used up. */
export type Allowance = { left: number; resetsAt: Instant; modelTokens: number; day: Spent['_id'] }

export type BudgetRepo = ReturnType<typeof budgetRepo>

export function budgetRepo(documents: Documents) {
  const collection = documents.collection<Spent>({ name: 'budgets', indexes: [{ keys: { expiresAt: 1 } }] })
  return {
    /**
     * Counts a message, once, and sets tokens aside for its answer. Each is one conditional write: of many at once, those pass that
     * the limit lets in. @throws AppError `too_many_requests` until midnight
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

    /** Gives back what was set aside for an answer and not taken. Again it changes nothing. */
    settle: ({ day, modelTokens }: Allowance, messageId: MessageId, taken: number) =>
      modelTokens === 0
        ? undefined
        : collection.updateOne(
            { _id: day, reserved: messageId },
            { $inc: { modelTokens: taken - modelTokens }, $pull: { reserved: messageId } },
          ),

    /** Takes back that a message was sent, and that tokens are set aside for it, as it got no answer. Again it changes nothing. */
    giveBack: ({ day }: Allowance, messageId: MessageId) =>
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

    forgetOld: (now: Instant) => collection.deleteMany({ expiresAt: { $lt: now } }),
  }
}
