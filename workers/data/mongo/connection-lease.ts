import { AppError } from '../../../shared/contracts/errors'
import type { Timers } from './timers'

/** What an error shows about the connection: it still works, it is lost, or the server does not answer. */
export type ConnectionState = 'alive' | 'lost' | 'down'

type Options<C> = {
  connect: () => Promise<C>
  close: (connection: C) => Promise<void>
  stateAfter: (error: unknown) => ConnectionState
  /** An idle connection is closed after this time: its sockets and timers would keep the object alive, and billed. */
  idleMs: number
  /** After a failure to connect, calls are refused at once for this time, so that an outage makes no call wait. */
  retryMs: number
  timers: Timers
}

type Lease<C> = { opened: Promise<C>; users: number; retired: boolean }

/**
 * Leases one connection to many users: it connects at the first use and closes when idle. It drops a lost connection, and the next use
 * makes another one, so that an outage ends when the server is back, without a restart.
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

  /** Gives a lease no new users; its last user closes it. */
  function retire(old: Lease<C>): void {
    if (current === old) current = undefined
    if (!old.retired && old.users === 0) end(old)
    old.retired = true
  }

  function end({ opened }: Lease<C>): void {
    // A connection that never opened needs no closing, and its users have got the error.
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

  return async function withConnection<T>(work: (connection: C) => Promise<T>): Promise<T> {
    const mine = lease()
    mine.users += 1
    let opened = false
    try {
      const connection = await mine.opened
      opened = true
      return await work(connection)
    } catch (error) {
      const state = opened ? stateAfter(error) : 'down'
      // All users of a connection fail at once; only the first of them sets the time.
      if (state === 'down' && !mine.retired) restUntil = timers.now() + retryMs
      if (state !== 'alive') retire(mine)
      throw error
    } finally {
      mine.users -= 1
      usedAt = timers.now()
      if (mine.users === 0 && mine.retired) end(mine)
      else if (mine.users === 0) watch()
    }
  }
}
