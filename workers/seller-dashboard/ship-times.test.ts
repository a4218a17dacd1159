import { expect, it } from 'vitest'
import { bucketOf, quantileOf } from './ship-times'
import { seededRandom } from './testing/random-market'

const histogram = (times: readonly number[]) => {
  const buckets: Record<number, number> = {}
  for (const time of times) buckets[bucketOf(time)] = (buckets[bucketOf(time)] ?? 0) + 1
  return buckets
}

it.each([1, 7, 100, 5_000])('is within 2 %% of the true percentile of %i times, from seconds to a year', (count) => {
  const { next } = seededRandom(count)
  const times = Array.from({ length: count }, () => Math.round(Math.exp(7 + next() * 17))).sort((a, b) => a - b)
  for (const part of [0, 0.01, 0.5, 0.9, 0.95, 0.999, 1]) {
    const exact = (times[Math.floor(part * (count - 1))] ?? 0) / 1000
    expect(Math.abs((quantileOf(histogram(times), part) ?? 0) - exact) / exact).toBeLessThanOrEqual(0.02)
  }
})

it('answers null without times, and treats negative times as a millisecond', () => {
  expect(quantileOf({}, 0.5)).toBeNull()
  expect(quantileOf(histogram([-5_000, 0, 1]), 0.5)).toBe(0.001)
  expect(bucketOf(365 * 24 * 3_600_000)).toBe(637)
})
