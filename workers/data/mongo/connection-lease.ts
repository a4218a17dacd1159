import { AppError } from '../../../shared/contracts/errors'
import type { Timers } from './timers'

/** What an error says of the connection: nothing, that it is of no more use, or that nothing answers at the other end. */
export type ConnectionState = 'alive' | 'lost' | 'down'

type Options<C> = {
  connect: () => Promise<C>
  close: (connection: C) => Promise<void>
  stateAfter: (error: unknown) => ConnectionState
  /** A connection that nobody used for so long is closed: its sockets and timers would keep the object alive, and billed. */
  idleMs: number
  /** When nothing answers, calls are refused at once for so long, so that an outage does not make everybody wait. */
  retryMs: number
  timers: Timers
}

type Lease<C> = { opened: Promise<C>; users: number; retired: boolean }

/**
 * Keeps one connection for many users: made at the first use, shared, closed when idle. A dead one is dropped and the next
 * use makes another, so that an outage ends when the server is back, without a restart.
 */
export function connectionLease<C>({ connect, close, stateAfter, idleMs, retryMs, timers }: Options<C>) {
  let current: Lease<C> | undefined
  let restUntil = Number.NEGATIVE_INFINITY
  let usedAt = 0
  let watched = false

  function lease(): Lease<C> {
    if (current !== undefined) return current
    if (timers.now() < restUntil) throw new AppError('unavailable', 'The database does not answer', { retryAfter: 1 })
    current = { opened: connect(), users: 0, retired: false }
    return current
  }

  /** Gives a lease no new users; the last one it has closes it. */
  function retire(old: Lease<C>): void {
    if (current === old) current = undefined
    if (!old.retired && old.users === 0) end(old)
    old.retired = true
  }

  function end({ opened }: Lease<C>): void {
    // One that never opened has nothing to close, and why it did not was told to its users.
    void opened.then(close).catch(() => undefined)
  }

  function watch(): void {
    if (watched) return
    watched = true
    timers.later(Math.max(0, usedAt + idleMs - timers.now()), () => {
      watched = false
      if (current === undefined || current.users > 0) return
      if (timers.now() < usedAt + idleMs) watch()
      else retire(current)
    })
  }

  return async function using<T>(work: (connection: C) => Promise<T>): Promise<T> {
    const mine = lease()
    mine.users += 1
    let opened = false
    try {
      const connection = await mine.opened
      opened = true
      return await work(connection)
    } catch (error) {
      const verdict = opened ? stateAfter(error) : 'down'
      // The others who use the same connection see the same: the first of them has said it.
      if (verdict === 'down' && !mine.retired) restUntil = timers.now() + retryMs
      if (verdict !== 'alive') retire(mine)
      throw error
    } finally {
      mine.users -= 1
      usedAt = timers.now()
      if (mine.users === 0 && mine.retired) end(mine)
      else if (mine.users === 0) watch()
    }
  }
}
