import type { Filter } from '../../shared/contracts/data'
import type { EventId } from '../../shared/contracts/ids'
import type { Collection, Documents, Planned } from '../../shared/storage/documents'
import type { Replay } from './replay'
import { type Mac, type Place, type Row, rowId } from './row'

/** What a day of the log came to, written after its rows: rows that are cut off its end are missed. */
export type Day = {
  _id: string
  count: number
  /** The hash of its last row. */
  head: string
  /** The hash of the last row before it. */
  previous: string
}

/** The last place that was recorded for sure. Rows beyond it are of an append that broke off, or is under way. */
export type Head = {
  _id: 'log'
  /** The id of the last row; empty before there is one. */
  row: string
  hash: string
  /** Over the other two: without the key nobody can say that the log ends sooner. */
  mac: string
}

export type LogRepo = {
  rows: Collection<Row>
  days: Collection<Day>
  heads: Collection<Head>
  /** Where the log ends, and which events of a list are in it. */
  end(eventIds: readonly EventId[]): Promise<{ head: Head | null; last: Row | null; known: ReadonlySet<EventId> }>
  /** Rows from that of an id on, in their order, and the documents of their days and of days between and after them. */
  from(rowId: string, limit: number): Promise<{ rows: Row[]; days: Day[] }>
  /** Does writes in order, up to the first that is refused. */
  write(planned: readonly Planned[]): Promise<void>
}

export function logRepo(documents: Documents): LogRepo {
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
    rows,
    days,
    heads,
    end: async (eventIds) => {
      const [{ document: head }, { documents: last }, { documents: known }] = await documents.batch([
        heads.plan({ action: 'findOne', filter: { _id: 'log' } }),
        rows.plan({ action: 'find', sort: { _id: -1 }, limit: 1 }),
        rows.plan({ action: 'find', filter: { eventId: { $in: [...eventIds] } }, projection: { eventId: 1 } }),
      ])
      return {
        head: head as Head | null,
        last: (last[0] as Row | undefined) ?? null,
        known: new Set(known.map((row) => row.eventId as EventId)),
      }
    },
    from: async (id, limit) => {
      // The days first: what their documents tell of is found, then, whatever is recorded meanwhile.
      const [told, found] = await documents.batch([
        days.plan({ action: 'find', filter: { _id: { $gte: id.slice(0, 10) } }, sort: { _id: 1 }, limit: limit + 1 }),
        rows.plan({ action: 'find', filter: { _id: { $gte: id } }, sort: { _id: 1 }, limit }),
      ])
      return { rows: found.documents as Row[], days: told.documents as Day[] }
    },
    write: async (planned) => {
      await documents.batch(planned)
    },
  }
}

/** The head that says where the log ends. */
export function headAt(row: string, hash: string, mac: Mac): Head {
  return { _id: 'log', row, hash, mac: mac({ row, hash }) }
}

/** Whether a head is of our making. */
export const isGenuine = ({ row, hash, mac: found }: Head, mac: Mac): boolean => mac({ row, hash }) === found

/**
 * The writes that bring a day's document and the head up to a place. `previous` is given with the first rows of a day. Both only ever
 * move on: of two that append at once the slower does not undo what the faster said.
 */
export function advance({ days, heads }: LogRepo, place: Place, previous: string | undefined, mac: Mac): Planned[] {
  const { day, seq: count, hash: head } = place
  const older: Filter = { $or: [{ count: { $lt: count } }, { count: { $exists: false } }] }
  const { _id, ...last } = headAt(rowId(place), head, mac)
  return [
    ...(previous === undefined
      ? []
      : [days.plan({ action: 'updateOne', filter: { _id: day }, update: { $set: { previous } }, upsert: true })]),
    days.plan({ action: 'updateOne', filter: { _id: day, ...older }, update: { $set: { count, head } } }),
    // Not an upsert: a head that somebody took away stays away, or it would come back and know nothing of what was cut off.
    heads.plan({ action: 'updateOne', filter: { _id, row: { $lt: last.row } }, update: { $set: last } }),
  ]
}

export type ReplayRepo = Collection<Replay>

export const replayRepo = (documents: Documents): ReplayRepo =>
  documents.collection<Replay>({ name: 'replays', indexes: [{ keys: { status: 1, lockedUntil: 1 } }] })
