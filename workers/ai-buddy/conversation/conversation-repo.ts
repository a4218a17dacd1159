import type { ConversationId, Instant, MessageId, UserId } from '../../../shared/contracts/ids'
import type { Documents } from '../../../shared/storage/documents'
import { type Before, olderThan } from '../../../shared/storage/place'
import { type Conversation, keptFor, maxConversations, maxTurns, type Offered, type Turn } from './conversation'

const newestFirst = { updatedAt: -1, _id: -1 } as const

export type ConversationRepo = ReturnType<typeof conversationRepo>
export type Listed = Omit<Conversation, 'turns'>

export function conversationRepo(documents: Documents) {
  const collection = documents.collection<Conversation>({
    name: 'conversations',
    indexes: [{ keys: { userId: 1, ...newestFirst } }, { keys: { updatedAt: 1 } }],
  })
  return {
    load: (userId: UserId, _id: ConversationId) => collection.findOne({ _id, userId }),

    /** Stores a conversation that begins. Returns false when it is there: an earlier attempt stored it. */
    begin: async (conversation: Conversation): Promise<boolean> => {
      const isNew = await collection.insertIfAbsent(conversation)
      const { userId } = conversation
      const surplus = await collection.find({ userId }, { sort: newestFirst, skip: maxConversations, projection: { _id: 1 } })
      if (surplus.length > 0) await collection.deleteMany({ userId, _id: { $in: surplus.map(({ _id }) => _id) } })
      return isNew
    },

    /** Takes what a turn offered, for the turn that confirms it. Of several that try, one gets true; none where that turn has no room. */
    confirm: async (
      { _id, userId }: Pick<Conversation, '_id' | 'userId'>,
      by: MessageId,
      confirmed: NonNullable<Conversation['confirmed']>,
    ): Promise<boolean> => {
      const { matchedCount } = await collection.updateOne(
        { _id, userId, 'offered.by': by, turnCount: { $lt: maxTurns } },
        { $set: { offered: null, confirmed } },
      )
      return matchedCount === 1
    },

    /**
     * Adds a turn, unless it is there. `completed`: the message whose confirmation is over.
     * Returns false when it is there, when the conversation is full, and when it is gone.
     */
    append: async (
      { _id, userId }: Pick<Conversation, '_id' | 'userId'>,
      turn: Turn,
      offered: Offered | null,
      completed: MessageId | null,
    ): Promise<boolean> => {
      const [appended] = await collection.batch([
        {
          action: 'updateOne',
          filter: { _id, userId, turnCount: { $lt: maxTurns }, 'turns.id': { $ne: turn.id } },
          update: { $push: { turns: turn }, $inc: { turnCount: 1 }, $set: { offered, updatedAt: turn.at } },
        },
        {
          action: 'updateOne',
          filter: { _id, userId, 'confirmed.messageId': completed ?? 'none' },
          update: { $set: { confirmed: null } },
        },
      ])
      return appended.matchedCount === 1
    },

    page: (userId: UserId, before: Before, limit: number): Promise<Listed[]> =>
      collection.find({ userId, ...olderThan(before, 'updatedAt') }, { sort: newestFirst, limit, projection: { turns: 0 } }),

    remove: async (userId: UserId, _id: ConversationId): Promise<boolean> =>
      (await collection.deleteOne({ _id, userId })).deletedCount === 1,

    removeAll: (userId: UserId) => collection.deleteMany({ userId }),

    deleteExpired: (now: Instant) => collection.deleteMany({ updatedAt: { $lt: now - keptFor } }),
  }
}
