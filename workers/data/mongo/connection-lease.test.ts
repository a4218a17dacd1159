import { expect, it } from 'vitest'
import { deferred, fakeTimers } from '../testing/fake-timers'
import { type ConnectionState, connectionLease } from './connection-lease'

/** A lease of numbered connections, with the numbers of those that it has closed. */
function leaseOf({ connect = async () => {} }: { connect?: () => Promise<void> } = {}) {
  const clock = fakeTimers()
  const closed: number[] = []
  let opened = 0
  const withConnection = connectionLease<number>({
    connect: async () => {
      const number = ++opened
      await connect()
      return number
    },
    close: async (number) => void closed.push(number),
    stateAfter: (error) => (error as { state?: ConnectionState }).state ?? 'alive',
    idleMs: 60_000,
    retryMs: 1_000,
    timers: clock.timers,
  })
  const failing = (state: ConnectionState) =>
    withConnection(async () => Promise.reject(Object.assign(new Error(state), { state })))
  return {
    ...clock,
    withConnection,
    failing,
    closed,
    count: () => opened,
    number: () => withConnection(async (number) => number),
  }
}

it('makes one connection for all users, at the first use', async () => {
  const { withConnection, number, count } = leaseOf()
  expect(count()).toBe(0)
  expect(await Promise.all([number(), number(), withConnection(async () => number())])).toEqual([1, 1, 1])
})

it('closes an idle connection after a minute, and makes another one at the next use', async () => {
  const { number, pass, closed, pending } = leaseOf()
  await number()
  await pass(59_000)
  await number()
  await pass(59_999)
  expect(closed).toEqual([])
  await pass(1)
  expect(closed).toEqual([1])
  expect(pending()).toBe(0)
  expect(await number()).toBe(2)
})

it('does not close a connection that is in use', async () => {
  const { withConnection, pass, closed } = leaseOf()
  const long = deferred()
  const use = withConnection(async () => long.promise)
  await pass(200_000)
  expect(closed).toEqual([])
  long.resolve()
  await use
  await pass(60_000)
  expect(closed).toEqual([1])
})

it('keeps a connection after a refusal, and closes a lost one after its last user', async () => {
  const { withConnection, failing, number, closed, pass } = leaseOf()
  await expect(failing('alive')).rejects.toThrow()
  expect(await number()).toBe(1)
  const other = deferred()
  const use = withConnection(async () => other.promise)
  await expect(failing('lost')).rejects.toThrow()
  expect(await number()).toBe(2)
  expect(closed).toEqual([])
  other.resolve()
  await use
  await pass(0)
  expect(closed).toEqual([1])
})

it('refuses at once for a second after it could not connect, then tries again', async () => {
  let isDown = true
  const connect = async () => {
    if (isDown) throw new Error('refused')
  }
  const { number, pass, count } = leaseOf({ connect })
  await expect(Promise.all([number(), number()])).rejects.toThrow('refused')
  expect(count()).toBe(1)
  await expect(number()).rejects.toMatchObject({ code: 'unavailable', meta: { retryAfter: 1 } })
  expect(count()).toBe(1)
  isDown = false
  await pass(1_000)
  expect(await number()).toBe(2)
})
