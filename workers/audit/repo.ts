import type { Filter, Results } from '../../shared/contracts/data'
import type { EventName } from '../../shared/contracts/events'
import type { EventId, Instant, ReplayId, UserId } from '../../shared/contracts/ids'
import type { Documents, Planned } from '../../shared/storage/documents'
import { type Day, type Head, headAt } from './head'
import type { Replay } from './replay-types'
import { idsBetween, type Mac, ofTypes, type Place, type Row, rowId } from './row'

/** Which rows a reader of the log wants. */
export type LogFilter = {
  types?: readonly EventName[] | undefined
  subject?: string | undefined
  userId?: UserId | undefined
  /** Recorded at this instant or later. */
  from?: Instant | undefined
  /** Recorded before this instant. */
  until?: Instant | undefined
}

export type LogRepo = ReturnType<typeof logRepo>

export function logRepo(documents: Documents) {
  const rows = documents.collection<Row>({
    name: 'log',
    indexes: [
      { keys: { eventId: 1 }, unique: true },
      // No two rows follow the same one, not even around midnight, when two isolates may disagree about the day.
      { keys: { previous: 1 }, unique: true },
      { keys: { type: 1, _id: -1 } },
      { keys: { subject: 1, _id: -1 } },
      { keys: { userId: 1, _id: -1 } },
    ],
  })
  const days = documents.collection<Day>({ name: 'days' })
  const heads = documents.collection<Head>({ name: 'heads' })
  return {
    /** Where the log ends, and which events of a list are in it. */
    end: async (eventIds: readonly EventId[]) => {
      const [{ document: head }, { documents: last }, { documents: known }] = await documents.batch([
        heads.plan({ action: 'findOne', filter: { _id: 'log' } }),
        rows.plan({ action: 'find', sort: { _id: -1 }, limit: 1 }),
        rows.plan({ action: 'find', filter: { eventId: { $in: [...eventIds] } }, projection: { eventId: 1 } }),
      ])
      return {
        head: head as Head | null,
        last: (last[0] as Row | undefined) ?? null,
        known: new Set(known.map((row) => row.eventId as EventId)) as ReadonlySet<EventId>,
      }
    },
    head: (): Promise<Head | null> => heads.findOne({ _id: 'log' }),
    /** The last row before a day. */
    lastBefore: (day: string): Promise<Row | null> => rows.findOne({ _id: { $lt: `${day}:` } }, { sort: { _id: -1 } }),
    /** Rows from a row id on, in log order, with the documents of their days and of all later days. */
    from: async (id: string, limit: number): Promise<{ rows: Row[]; days: Day[] }> => {
      // The days first: every row that a day's document counts is found then, whatever is recorded meanwhile.
      const [counted, found] = await documents.batch([
        days.plan({ action: 'find', filter: { _id: { $gte: id.slice(0, 10) } }, sort: { _id: 1 }, limit: limit + 1 }),
        rows.plan({ action: 'find', filter: { _id: { $gte: id } }, sort: { _id: 1 }, limit }),
      ])
      return { rows: found.documents as Row[], days: counted.documents as Day[] }
    },
    /** Rows, newest first; `before` is the row id where the last page ended. */
    page: (filter: LogFilter, before: string | undefined, limit: number): Promise<Row[]> => {
      const ids = { ...idsBetween(filter.from, filter.until), ...(before === undefined ? {} : { $lt: before }) }
      return rows.find(matching(filter, ids), { sort: { _id: -1 }, limit })
    },
    /** Rows after a row id, in log order. */
    after: (filter: LogFilter, id: string, limit: number): Promise<Row[]> =>
      rows.find(matchingAfter(filter, id), { sort: { _id: 1 }, limit }),
    planAfter: (filter: LogFilter, id: string, limit: number) =>
      rows.plan({ action: 'find', filter: matchingAfter(filter, id), sort: { _id: 1 }, limit }),
    rowsIn: ({ documents: found }: Results['find']): Row[] => found as Row[],
    planStart: (head: Head) => heads.plan({ action: 'insertOne', document: head }),
    planAdd: (added: readonly Row[]) => rows.plan({ action: 'insertMany', documents: [...added] }),
    /**
     * Moves a day's document and the head up to a place. `previous` is given with the first rows of a day. Both only move forward: of
     * two appends at once, the slower does not undo what the faster wrote.
     */
    planAdvance: (place: Place, previous: string | undefined, mac: Mac): Planned[] => {
      const { day, seq: count, hash: head } = place
      const older: Filter = { $or: [{ count: { $lt: count } }, { count: { $exists: false } }] }
      const { _id, ...last } = headAt(rowId(place), head, mac)
      return [
        ...(previous === undefined
          ? []
          : [days.plan({ action: 'updateOne', filter: { _id: day }, update: { $set: { previous } }, upsert: true })]),
        days.plan({ action: 'updateOne', filter: { _id: day, ...older }, update: { $set: { count, head } } }),
        // Not an upsert: a head that somebody removed must not come back, since it would not know of the rows that were cut off.
        heads.plan({ action: 'updateOne', filter: { _id, row: { $lt: last.row } }, update: { $set: last } }),
      ]
    },
    /** Writes in order, up to the first that is refused. */
    write: async (planned: readonly Planned[]): Promise<void> => {
      await documents.batch(planned)
    },
  }
}

const matchingAfter = (filter: LogFilter, id: string): Filter =>
  matching(filter, { ...idsBetween(undefined, filter.until), $gt: id })

function matching({ types, subject, userId, from, until }: LogFilter, ids: Filter): Filter {
  const span = { ...(from === undefined ? {} : { $gte: from }), ...(until === undefined ? {} : { $lt: until }) }
  return {
    ...(Object.keys(ids).length > 0 ? { _id: ids } : {}),
    ...(Object.keys(span).length > 0 ? { recordedAt: span } : {}),
    ...(types === undefined ? {} : ofTypes(types)),
    ...(subject === undefined ? {} : { subject }),
    ...(userId === undefined ? {} : { userId }),
  }
}

export type ReplayRepo = ReturnType<typeof replayRepo>

export function replayRepo(documents: Documents) {
  const collection = documents.collection<Replay>({ name: 'replays', indexes: [{ keys: { status: 1, lockedUntil: 1 } }] })
  const idle = (now: Instant) => ({ status: 'running', lockedUntil: { $lte: now } })
  return {
    /** Adds a replay unless it is there already. */
    add: (replay: Replay): Promise<boolean> => collection.insertIfAbsent(replay),
    load: (id: ReplayId): Promise<Replay | null> => collection.findOne({ _id: id }),
    /** The running replay that has waited longest for somebody to continue it. */
    nextIdle: async (now: Instant): Promise<ReplayId | undefined> => {
      const [next] = await collection.find(idle(now), { sort: { lockedUntil: 1 }, limit: 1, projection: { _id: 1 } })
      return next?._id
    },
    /** Locks a running replay until an instant; null when it is done, or somebody else works on it. */
    lock: (id: ReplayId, now: Instant, until: Instant): Promise<Replay | null> =>
      collection.updateAndFind({ _id: id, ...idle(now) }, { $set: { lockedUntil: until } }),
    /** Records progress, unless somebody else has locked the replay since `lockedUntil` was set. */
    planProgress: ({ _id, lockedUntil }: Pick<Replay, '_id' | 'lockedUntil'>, progress: Partial<Replay>, sent: number) =>
      collection.plan({ action: 'updateOne', filter: { _id, lockedUntil }, update: { $set: progress, $inc: { sent } } }),
  }
}
