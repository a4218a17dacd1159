import { afterEach, expect, it, vi } from 'vitest'
import { singleFlight } from './single-flight'

/** Work that ends when the test says so, and counts how often it began. */
function someWork() {
  const ends: ((value: string) => void)[] = []
  const fails: ((error: Error) => void)[] = []
  const work = () =>
    new Promise<string>((resolve, reject) => {
      ends.push(resolve)
      fails.push(reject)
    })
  return { work, ends, fails }
}
afterEach(() => void vi.useRealTimers())

const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

it('runs the work once for a hundred callers at once, and again for a later caller', async () => {
  const { join } = singleFlight()
  const { work, ends } = someWork()
  const all = Array.from({ length: 100 }, () => join('k', work))
  ends[0]?.('first')
  expect(new Set(await Promise.all(all))).toEqual(new Set(['first']))
  const later = join('k', work)
  ends[1]?.('second')
  expect(await later).toBe('second')
})

it('rejects all callers when the work fails, and runs it again for the next', async () => {
  const { join } = singleFlight()
  const { work, ends, fails } = someWork()
  const all = Promise.allSettled([join('k', work), join('k', work)])
  fails[0]?.(new Error('no'))
  expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const again = join('k', work)
  ends[1]?.('yes')
  expect(await again).toBe('yes')
})

it('stops waiting for work whose request was canceled, and lets one waiter start it again', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { join } = singleFlight(5)
  const { work, ends } = someWork()
  void join('k', work)
  const waiting = [join('k', work), join('k', work)]
  await vi.advanceTimersByTimeAsync(5)
  ends[1]?.('anew')
  expect(await Promise.all(waiting)).toEqual(['anew', 'anew'])
})

it('never gives `next` the outcome of work that started earlier, and shares the following run', async () => {
  const { next } = singleFlight()
  const { work, ends } = someWork()
  const first = next('k', work)
  const others = Array.from({ length: 99 }, () => next('k', work))
  await settle()
  expect(ends).toHaveLength(1)
  ends[0]?.('old')
  expect(await first).toBe('old')
  await settle()
  expect(ends).toHaveLength(2)
  const afterDeparture = next('k', work)
  ends[1]?.('new')
  expect(new Set(await Promise.all(others))).toEqual(new Set(['new']))
  await settle()
  ends[2]?.('newest')
  expect(await afterDeparture).toBe('newest')
})
