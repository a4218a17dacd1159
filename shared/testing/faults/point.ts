/**
 * What happens at a point: a document is read or written, messages are sent or settled, another Worker or one of the Worker's own
 * Durable Objects is called, somebody outside is asked, the cache is.
 */
export type PointKind = 'read' | 'write' | 'send' | 'ack' | 'rpc' | 'provider' | 'cache'

/** A place where something that a Worker does leaves it, and so a place where it can break off. */
export type Point = {
  worker: string
  kind: PointKind
  /** Such as `orders.updateOne`, `QUEUE_PAYMENT.sendBatch`, `INVENTORY.hold`. */
  name: string
}

/**
 * What becomes of a call. `fail`: the caller gets an error; `crash`: so it does, and whatever else it tries fails, for its invocation
 * is dead. `before` nothing was done; `after` it was done and the caller does not know. Of several points in one call, those before
 * `index` are done. `delay` waits for some milliseconds first, `twice` does it two times.
 */
export type Verdict =
  | 'pass'
  | { do: 'fail' | 'crash'; when: 'before' | 'after'; index?: number }
  | { do: 'delay'; milliseconds: number }
  | { do: 'twice' }

/** Who decides what becomes of calls. */
export type Faults = {
  /** Called with the points of one call, in their order: several for a batch of writes, which can be cut between any two. */
  meet(points: readonly Point[]): Verdict | Promise<Verdict>
  /** Called when what was met is over, however it ended. */
  left?(points: readonly Point[]): void
}

/** Everything goes well. */
export const noFaults: Faults = { meet: () => 'pass' }

/** The name of a point in lists and seeds: `order write orders.updateOne`. */
export const nameOf = ({ worker, kind, name }: Point): string => `${worker} ${kind} ${name}`
