import { expect, it } from 'vitest'
import { beyond, olderThan } from './place'

it('a page starts after a place by a plain range that an index can serve', () => {
  expect(olderThan({ at: 5, id: 'x' }, 'at')).toEqual({
    at: { $lte: 5 },
    $or: [{ at: { $lt: 5 } }, { at: 5, _id: { $lt: 'x' } }],
  })
  expect(beyond('title', 1, 'desk', 'x')).toMatchObject({ title: { $gte: 'desk' } })
  expect(olderThan(undefined)).toEqual({})
})
