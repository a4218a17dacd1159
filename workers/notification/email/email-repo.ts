import type { Instant, UserId } from '../../../shared/contracts/ids'
import type { Documents } from '../../../shared/storage/documents'
import { type Before, olderThan } from '../../../shared/storage/place'
import type { Mail } from './email'

const newestFirst = { createdAt: -1, _id: -1 } as const

export type MailRepo = ReturnType<typeof mailRepo>

export function mailRepo(documents: Documents) {
  const collection = documents.collection<Mail>({
    name: 'mails',
    indexes: [
      { keys: { status: 1, dueAt: 1 } },
      { keys: newestFirst },
      { keys: { to: 1 } },
      { keys: { userId: 1 }, partial: { status: 'gathering' } },
    ],
  })
  return {
    collection,
    /** Refused when one of them is there already; the others are in then. */
    adding: (mails: readonly Mail[]) => collection.plan({ action: 'insertMany', documents: [...mails], ordered: false }),
    due: (now: Instant, limit: number) =>
      collection.find({ status: 'queued', dueAt: { $lte: now } }, { sort: { dueAt: 1 }, limit }),
    /** Takes mails for `lease`, so that nobody else sends them meanwhile; returns those that were free. */
    claim: async (ids: readonly string[], now: Instant, lease: Instant): Promise<Mail[]> => {
      if (ids.length === 0) return []
      const results = await collection.batch(
        ids.map((_id) => ({
          action: 'findOneAndUpdate' as const,
          filter: { _id, status: 'queued', dueAt: { $lte: now } },
          update: { $set: { dueAt: now + lease }, $inc: { attempts: 1 } },
          returnDocument: 'after' as const,
        })),
      )
      return results.flatMap(({ document }) => (document ? [document as Mail] : []))
    },
    /** Notes what became of claimed mails; of one that somebody else has claimed since, they will tell. */
    settle: async (ends: readonly { mail: Mail; end: Partial<Mail> }[]): Promise<void> => {
      await collection.batch(
        ends.map(({ mail: { _id, attempts }, end }) => ({
          action: 'updateOne' as const,
          filter: { _id, status: 'queued', attempts },
          update: { $set: end },
        })),
      )
    },
    /** Queues a mail again that was given up for the `failures`th time. Returns whether it is known at all. */
    requeue: async (_id: string, failures: number, now: Instant): Promise<boolean> => {
      const fresh = { status: 'queued', attempts: 0, since: now, dueAt: now, error: null }
      const [, { document }] = await collection.batch([
        { action: 'updateOne', filter: { _id, status: 'failed', failures }, update: { $set: fresh } },
        { action: 'findOne', filter: { _id }, projection: { _id: 1 } },
      ])
      return document !== null
    },
    /** Users whose oldest mail has waited long enough for others. */
    gathered: async (now: Instant, limit: number): Promise<UserId[]> => {
      const options = { sort: { dueAt: 1 }, limit, projection: { userId: 1 } } as const
      const found = await collection.find({ status: 'gathering', dueAt: { $lte: now } }, options)
      return [...new Set(found.map(({ userId }) => userId))]
    },
    /** The mails of users that gather, oldest first. */
    gathering: (userIds: readonly UserId[], limit: number) =>
      collection.plan({
        action: 'find',
        ...{ filter: { userId: { $in: [...userIds] }, status: 'gathering' }, sort: { createdAt: 1, _id: 1 }, limit },
      }),
    /** What the local mailbox shows. */
    mailbox: (to: string | undefined, before: Before, limit: number) => {
      const filter = { status: 'sent', ...(to === undefined ? {} : { to }), ...olderThan(before) }
      return collection.find(filter, { sort: newestFirst, limit })
    },
    forget: (before: Instant) => collection.deleteMany({ createdAt: { $lt: before } }),
  }
}
