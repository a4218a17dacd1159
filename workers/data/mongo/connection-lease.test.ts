import { expect, it } from 'vitest'
import { deferred, fakeTimers } from '../testing/fake-timers'
import { type ConnectionState, connectionLease } from './connection-lease'

/** A keeper of numbered connections, and what became of them. */
function kept({ connect = async () => {} }: { connect?: () => Promise<void> } = {}) {
  const clock = fakeTimers()
  const closed: number[] = []
  let opened = 0
  const using = connectionLease<number>({
    connect: async () => {
      const number = ++opened
      await connect()
      return number
    },
    close: async (number) => void closed.push(number),
    stateAfter: (error) => (error as { verdict?: ConnectionState }).verdict ?? 'alive',
    idleMs: 60_000,
    retryMs: 1_000,
    timers: clock.timers,
  })
  const failing = (verdict: ConnectionState) => using(async () => Promise.reject(Object.assign(new Error(verdict), { verdict })))
  return { ...clock, using, failing, closed, count: () => opened, number: () => using(async (number) => number) }
}

it('makes one connection for all, at the first use', async () => {
  const { using, number, count } = kept()
  expect(count()).toBe(0)
  expect(await Promise.all([number(), number(), using(async () => number())])).toEqual([1, 1, 1])
})

it('closes it when nobody used it for a minute, and makes another when somebody comes', async () => {
  const { number, pass, closed, pending } = kept()
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

it('does not close it under somebody who still uses it', async () => {
  const { using, pass, closed } = kept()
  const long = deferred()
  const use = using(async () => long.promise)
  await pass(200_000)
  expect(closed).toEqual([])
  long.resolve()
  await use
  await pass(60_000)
  expect(closed).toEqual([1])
})

it('keeps it over a refusal, and drops it when it is lost, after its last user', async () => {
  const { using, failing, number, closed, pass } = kept()
  await expect(failing('alive')).rejects.toThrow()
  expect(await number()).toBe(1)
  const other = deferred()
  const use = using(async () => other.promise)
  await expect(failing('lost')).rejects.toThrow()
  expect(await number()).toBe(2)
  expect(closed).toEqual([])
  other.resolve()
  await use
  await pass(0)
  expect(closed).toEqual([1])
})

it('refuses at once for a second when nothing answers, then tries again by itself', async () => {
  let isDown = true
  const connect = async () => {
    if (isDown) throw new Error('refused')
  }
  const { number, pass, count } = kept({ connect })
  await expect(Promise.all([number(), number()])).rejects.toThrow('refused')
  expect(count()).toBe(1)
  await expect(number()).rejects.toMatchObject({ code: 'unavailable', meta: { retryAfter: 1 } })
  expect(count()).toBe(1)
  isDown = false
  await pass(1_000)
  expect(await number()).toBe(2)
})
