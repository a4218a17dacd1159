import { describe, expect, it } from 'vitest'
import type { Filter, Index, Sort } from '../../../shared/contracts/data'
import type { Kind } from './kind'
import { planOf } from './plan'

const indexes: Index[] = [
  { keys: { seller: 1, createdAt: -1 } },
  { keys: { createdAt: -1 } },
  { keys: { email: 1 }, unique: true },
  { keys: { pending: 1 }, partial: { pending: true } },
  { keys: { price: 1 } },
  { keys: { tags: 1 } },
]
const kinds = new Map<string, Kind>([
  ['seller', 'plain'],
  ['createdAt', 'plain'],
  ['email', 'plain'],
  ['pending', 'odd'],
  ['price', 'odd'],
  ['tags', 'multiple'],
])

function plan(filter: Filter, sort: Sort = {}) {
  const { where, bindings, ordered } = planOf(filter, sort, { entries: '"entries:x"', indexes, kinds })
  return { where: where.join(' AND '), bindings, ordered }
}

describe('a plan', () => {
  it('reads a page after a date in the order of the index', () => {
    expect(plan({ createdAt: { $lt: '2026' }, status: 'paid' }, { createdAt: -1, _id: -1 })).toEqual({
      where: `json_extract(body, '$."createdAt"') >= '' AND json_extract(body, '$."createdAt"') <= ?`,
      bindings: ['2026'],
      ordered: true,
    })
  })

  it('reads an equality and then the order behind it', () => {
    expect(plan({ seller: 'x' }, { createdAt: -1, _id: -1 })).toMatchObject({ bindings: ['x'], ordered: true })
    expect(plan({ $and: [{ seller: { $eq: 'x' } }] }, { price: 1 })).toMatchObject({ bindings: ['x'], ordered: false })
  })

  it('finds by a unique index in its own writing', () => {
    expect(plan({ email: 'a@x' })).toMatchObject({ where: `coalesce(body -> '$."email"', 'null') = ?`, bindings: ['"a@x"'] })
  })

  it('uses a partial index only for what belongs to it', () => {
    expect(plan({ pending: true }, { _id: 1 })).toMatchObject({ bindings: [1], ordered: true })
    expect(plan({ pending: false })).toMatchObject({ where: '' })
  })

  it('does not trust the order of decimals and booleans', () => {
    expect(plan({ price: { $gt: 1 } }, { price: 1 })).toMatchObject({ bindings: [1], ordered: false })
  })

  it('reads arrays by their entries, a range by one bound only', () => {
    expect(plan({ tags: { $in: ['x', true] } }, { createdAt: 1 })).toMatchObject({
      bindings: ['tags', '["x",1]'],
      ordered: false,
    })
    expect(plan({ tags: { $gt: 1, $lt: 5 } })).toMatchObject({ bindings: ['tags', 1] })
  })

  it.each<Filter>([
    { seller: null },
    { seller: { $ne: 'x' } },
    { seller: { $nin: ['x'] } },
    { seller: { $in: ['x', null] } },
    { $or: [{ seller: 'x' }] },
    { price: 1.5 },
    { price: 2 ** 60 },
    { seller: ['x'] },
  ])('narrows nothing by %j', (filter) => {
    expect(plan(filter)).toEqual({ where: '', bindings: [], ordered: true })
  })
})
