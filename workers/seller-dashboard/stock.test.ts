import { expect, it } from 'vitest'
import type { Availability } from '../../shared/contracts/facts'
import { lowContributions, type Status, steps, type Versioned } from './stock'

const level = (version: number, at: number, value: Availability): Versioned<Availability> => ({ version, at, value })
const status = (version: number, at: number, value: Status): Versioned<Status> => ({ version, at, value })
const changesOf = (...versions: Parameters<typeof lowContributions>) =>
  lowContributions(...versions).map(({ at, amount }) => [at, amount])

it('orders by version where clocks disagree, so that no count becomes negative', () => {
  const levels = [level(1, 500, 'low'), level(2, 400, 'in'), level(3, 600, 'out')]
  expect(steps(levels.toReversed())).toEqual([
    { at: 500, value: 'low' },
    { at: 500, value: 'in' },
    { at: 600, value: 'out' },
  ])
  expect(changesOf(levels, [])).toEqual([
    [500, 1],
    [500, -1],
    [600, 1],
  ])
})

it('counts low and then out as one stretch, and only while the product is on sale', () => {
  const levels = [level(1, 100, 'low'), level(2, 200, 'out'), level(3, 900, 'in')]
  expect(changesOf(levels, [])).toEqual([
    [100, 1],
    [900, -1],
  ])
  expect(changesOf(levels, [status(1, 50, 'draft'), status(2, 150, 'active'), status(3, 300, 'archived')])).toEqual([
    [150, 1],
    [300, -1],
  ])
})
