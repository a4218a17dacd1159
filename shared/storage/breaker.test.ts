import { expect, it } from 'vitest'
import { aClock } from '../testing/factories'
import { breaker } from './breaker'

const now = aClock()
const aBreaker = () => breaker({ failures: 3, pause: 5_000, now })
const fail = (tried: ReturnType<typeof aBreaker>, times: number) => Array.from({ length: times }, () => tried.failed())

it('opens at the third failure in a row, and says so once', () => {
  const tried = aBreaker()
  expect(fail(tried, 2)).toEqual([false, false])
  expect(tried.admits()).toBe(true)
  expect(fail(tried, 2)).toEqual([true, false])
  expect(tried.admits()).toBe(false)
})

it('does not count failures with a success in between', () => {
  const tried = aBreaker()
  fail(tried, 2)
  tried.succeeded()
  fail(tried, 2)
  expect(tried.admits()).toBe(true)
})

it('lets one attempt through after the pause, and closes when that succeeds', () => {
  const tried = aBreaker()
  fail(tried, 3)
  now.advance(4_999)
  expect(tried.admits()).toBe(false)
  now.advance(1)
  expect([tried.admits(), tried.admits()]).toEqual([true, false])
  tried.succeeded()
  expect([tried.admits(), tried.admits()]).toEqual([true, true])
})

it('stays open for another pause when the attempt fails, or never reports', () => {
  const tried = aBreaker()
  fail(tried, 3)
  now.advance(5_000)
  expect(tried.admits()).toBe(true)
  tried.failed()
  now.advance(4_999)
  expect(tried.admits()).toBe(false)
  now.advance(1)
  expect(tried.admits()).toBe(true)
  now.advance(5_000)
  expect(tried.admits()).toBe(true)
})
