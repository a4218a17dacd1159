import type { Instant, UserId } from '../../../shared/contracts/ids'
import type { Documents } from '../../../shared/storage/documents'
import type { Email } from './email'

/** The e-mails that go out together, and the digest that contains them; null for one that came alone and goes as it is. */
export type ChosenBatch = { ids: string[]; digest: Email | null }

/**
 * Which of a user's batched e-mails go out next. The version lets one of several sweeps choose at a time: a sweep that read an older
 * version chooses nothing.
 */
export type DigestWindow = {
  _id: UserId
  version: number
  /** Set until it is carried out. */
  choice: ChosenBatch | null
  updatedAt: Instant
}

/** The batch that is chosen for a user on the given version of their window. */
export type Choice = { userId: UserId; version: number; choice: ChosenBatch }

export type DigestRepo = ReturnType<typeof digestRepo>

export function digestRepo(documents: Documents) {
  const collection = documents.collection<DigestWindow>({ name: 'rounds', indexes: [{ keys: { updatedAt: 1 } }] })
  return {
    planFind: (userIds: readonly UserId[]) => collection.plan({ action: 'find', filter: { _id: { $in: [...userIds] } } }),
    /** Stores choices. Returns those that this sweep made, and not another one at the same time. */
    choose: async (choices: readonly Choice[], now: Instant): Promise<Choice[]> => {
      const results = await collection.batch(choices.flatMap((choice) => choosing(choice, now)))
      return choices.filter((_, index) => (results[2 * index + 1] as { matchedCount: number }).matchedCount === 1)
    },
    /** Ends a choice of this sweep once it is carried out. */
    planEnd: ({ userId, version }: Choice) =>
      collection.plan({
        action: 'updateOne',
        filter: { _id: userId, version: version + 1 },
        update: { $set: { choice: null }, $inc: { version: 1 } },
      }),
    forget: (before: Instant) => collection.deleteMany({ updatedAt: { $lt: before } }),
  }
}

/** Neither of the two is ever refused; the second matches for one of several sweeps that choose at once. */
const choosing = ({ userId: _id, version, choice }: Choice, now: Instant) =>
  [
    {
      action: 'updateOne',
      filter: { _id },
      update: { $setOnInsert: { version: 0, choice: null, updatedAt: now } },
      upsert: true,
    },
    { action: 'updateOne', filter: { _id, version }, update: { $set: { choice, updatedAt: now }, $inc: { version: 1 } } },
  ] as const
