import type { Instant, UserId } from '../../../shared/contracts/ids'
import type { Documents, Planned } from '../../../shared/storage/documents'
import { type Before, olderThan } from '../../../shared/storage/place'
import type { Email } from './email'

const newestFirst = { createdAt: -1, _id: -1 } as const

export type EmailRepo = ReturnType<typeof emailRepo>

export function emailRepo(documents: Documents) {
  const collection = documents.collection<Email>({
    name: 'mails',
    indexes: [
      { keys: { status: 1, dueAt: 1 } },
      { keys: newestFirst },
      { keys: { to: 1 } },
      { keys: { userId: 1 }, partial: { status: 'gathering' } },
    ],
  })
  return {
    /** Refused when one of them exists already; the others are added all the same. */
    planAdd: (emails: readonly Email[]) => collection.plan({ action: 'insertMany', documents: [...emails], ordered: false }),
    due: (now: Instant, limit: number) =>
      collection.find({ status: 'queued', dueAt: { $lte: now } }, { sort: { dueAt: 1 }, limit }),
    /** Claims e-mails for the time of `lease`, in which nobody else sends them. Returns those that were free. */
    claim: async (ids: readonly string[], now: Instant, lease: Instant): Promise<Email[]> => {
      if (ids.length === 0) return []
      const results = await collection.batch(
        ids.map((_id) => ({
          action: 'findOneAndUpdate' as const,
          filter: { _id, status: 'queued', dueAt: { $lte: now } },
          update: { $set: { dueAt: now + lease }, $inc: { attempts: 1 } },
          returnDocument: 'after' as const,
        })),
      )
      return results.flatMap(({ document }) => (document ? [document as Email] : []))
    },
    /** Records the results of claimed e-mails, except of those that somebody else has claimed since. */
    recordResults: async (results: readonly { email: Email; result: Partial<Email> }[]): Promise<void> => {
      await collection.batch(
        results.map(({ email: { _id, attempts }, result }) => ({
          action: 'updateOne' as const,
          filter: { _id, status: 'queued', attempts },
          update: { $set: result },
        })),
      )
    },
    /** Queues an e-mail again that was given up for the `failures`th time. Returns whether it exists at all. */
    requeue: async (_id: string, failures: number, now: Instant): Promise<boolean> => {
      const fresh = { status: 'queued', attempts: 0, since: now, dueAt: now, error: null }
      const [, { document }] = await collection.batch([
        { action: 'updateOne', filter: { _id, status: 'failed', failures }, update: { $set: fresh } },
        { action: 'findOne', filter: { _id }, projection: { _id: 1 } },
      ])
      return document !== null
    },
    /** Users whose oldest batched e-mail has waited long enough for others. */
    usersDue: async (now: Instant, limit: number): Promise<UserId[]> => {
      const options = { sort: { dueAt: 1 }, limit, projection: { userId: 1 } } as const
      const found = await collection.find({ status: 'gathering', dueAt: { $lte: now } }, options)
      return [...new Set(found.map(({ userId }) => userId))]
    },
    /** Reads the batched e-mails of users, oldest first. */
    planFindBatched: (userIds: readonly UserId[], limit: number) =>
      collection.plan({
        action: 'find',
        ...{ filter: { userId: { $in: [...userIds] }, status: 'gathering' }, sort: { createdAt: 1, _id: 1 }, limit },
      }),
    /** Sends batched e-mails as they are. Changes nothing when that is done already. */
    planRelease: (ids: readonly string[], now: Instant): Planned[] => [
      collection.plan({
        action: 'updateMany',
        filter: { _id: { $in: [...ids] }, status: 'gathering' },
        update: { $set: { status: 'queued', dueAt: now, since: now } },
      }),
    ],
    /** Replaces batched e-mails by a digest. Changes nothing when that is done already. */
    planMerge: (ids: readonly string[], { _id, ...digest }: Email): Planned[] => [
      collection.plan({ action: 'updateOne', filter: { _id }, update: { $setOnInsert: digest }, upsert: true }),
      collection.plan({
        action: 'updateMany',
        filter: { _id: { $in: [...ids] }, status: 'gathering' },
        update: { $set: { status: 'merged' } },
      }),
    ],
    /** What the local mailbox shows. */
    mailbox: (to: string | undefined, before: Before, limit: number) => {
      const filter = { status: 'sent', ...(to === undefined ? {} : { to }), ...olderThan(before) }
      return collection.find(filter, { sort: newestFirst, limit })
    },
    forget: (before: Instant) => collection.deleteMany({ createdAt: { $lt: before } }),
  }
}
