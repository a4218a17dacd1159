import type { Instant } from '../../shared/contracts/ids'

/**
 * The greatest relative error of a percentile before it is rounded to milliseconds. After rounding it is within 2 % for times of a second
 * or more.
 */
const accuracy = 0.019
const gamma = (1 + accuracy) / (1 - accuracy)

/**
 * The bucket of a time in milliseconds: bucket `i` has times above gamma^(i-1), up to gamma^i. A time of zero, or a negative one by two
 * clocks that disagree, counts as a millisecond. A year is in bucket 637, so a histogram stays small however many times it has.
 * Source: Masson, Rim, Lee: DDSketch, PVLDB 12 (2019), https://arxiv.org/abs/1908.10693
 */
export const bucketOf = (milliseconds: Instant): number => Math.ceil(Math.log(Math.max(1, milliseconds)) / Math.log(gamma))

/** The middle of a bucket, by ratio: no time in the bucket is further away than `accuracy`. */
const middleOf = (bucket: number): number => (2 * gamma ** bucket) / (gamma + 1)

/**
 * A quantile in seconds, to within 2 %: the time of rank 1 + floor(part * (count - 1)), as in DDSketch; null without any times.
 */
export function quantileOf(buckets: Readonly<Record<number, number>>, part: number): number | null {
  const filled = Object.entries(buckets).sort(([a], [b]) => Number(a) - Number(b))
  const count = filled.reduce((total, [, times]) => total + times, 0)
  const rank = 1 + Math.floor(part * (count - 1))
  let passed = 0
  for (const [bucket, times] of filled) {
    passed += times
    if (passed >= rank) return Math.round(middleOf(Number(bucket))) / 1000
  }
  return null
}
