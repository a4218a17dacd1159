import { expect, it } from 'vitest'
import { deferred, fakeTimers, settled } from '../testing/fake-timers'
import { queue } from './queue'

it('runs a limited number of tasks at once and the others in the order of their arrival', async () => {
  const { timers, pending } = fakeTimers()
  const enqueue = queue({ running: 2, waiting: 10 }, timers)
  const works = Array.from({ length: 4 }, () => deferred())
  const started: number[] = []
  const done = works.map(({ promise }, at) =>
    enqueue(1_000, () => {
      started.push(at)
      return promise
    }),
  )
  await settled()
  expect(started).toEqual([0, 1])
  works[1]?.resolve()
  await settled()
  expect(started).toEqual([0, 1, 2])
  works[0]?.reject(new Error('broken'))
  await expect(done[0]).rejects.toThrow('broken')
  await settled()
  expect(started).toEqual([0, 1, 2, 3])
  for (const { resolve } of works) resolve()
  await Promise.allSettled(done)
  expect(pending()).toBe(0)
})

it('refuses a task at once when the queue is full, and later when it has waited too long', async () => {
  const { timers, pass } = fakeTimers()
  const enqueue = queue({ running: 1, waiting: 1 }, timers)
  const first = deferred()
  const started: string[] = []
  const work = (name: string, until = Promise.resolve()) =>
    enqueue(1_000, () => {
      started.push(name)
      return until
    })
  const running = work('first', first.promise)
  const waiting = work('second')
  const busy = { code: 'unavailable', meta: { retryAfter: 1 } }
  await expect(work('third')).rejects.toMatchObject(busy)
  await Promise.all([expect(waiting).rejects.toMatchObject(busy), pass(1_000)])
  first.resolve()
  await running
  await work('fourth')
  expect(started).toEqual(['first', 'fourth'])
})
