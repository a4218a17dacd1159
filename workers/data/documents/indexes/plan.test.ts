import { describe, expect, it } from 'vitest'
import type { Filter, Index, Sort } from '../../../../shared/contracts/data'
import type { IndexType } from './index-type'
import { multikeyOf } from './multikey'
import { planOf, type Statistics } from './plan'

const indexes: Index[] = [
  { keys: { seller: 1, createdAt: -1 } },
  { keys: { createdAt: -1 } },
  { keys: { email: 1 }, unique: true },
  { keys: { pending: 1 }, partial: { pending: true } },
  { keys: { price: 1 } },
  { keys: { tags: 1 } },
]
const indexTypes = new Map<string, IndexType>([
  ['seller', 'plain'],
  ['createdAt', 'plain'],
  ['email', 'plain'],
  ['pending', 'odd'],
  ['price', 'odd'],
  ['tags', 'multiple'],
])

const multikeys = new Map(
  indexes.flatMap((index) => {
    const multikey = multikeyOf('"documents:x"', index, indexTypes)
    return multikey === undefined ? [] : [[index, multikey] as const]
  }),
)

type AreFew = Statistics['areFew']

function plan(filter: Filter, sort: Sort = {}, areFew: AreFew = () => true) {
  const paths = { documents: '"documents:x"', entries: '"entries:x"', indexes, indexTypes, multikeys }
  const { where, bindings, ordered } = planOf(filter, sort, paths, { areFew, fewest: () => 0 })
  return { where: where.join(' AND '), bindings, ordered }
}

describe('a plan', () => {
  it('reads a page before a date in the order of an index', () => {
    expect(plan({ createdAt: { $lt: '2026' }, status: 'paid' }, { createdAt: -1, _id: -1 })).toEqual({
      where: `json_extract(body, '$."createdAt"') >= '' AND json_extract(body, '$."createdAt"') <= ?`,
      bindings: ['2026'],
      ordered: true,
    })
  })

  it('reads an equality and then the order of the next key', () => {
    expect(plan({ seller: 'x' }, { createdAt: -1, _id: -1 })).toMatchObject({ bindings: ['x'], ordered: true })
    expect(plan({ $and: [{ seller: { $eq: 'x' } }] }, { price: 1 })).toMatchObject({ bindings: ['x'], ordered: false })
  })

  it('compares with a unique index by the JSON of the value', () => {
    expect(plan({ email: 'a@x' })).toMatchObject({ where: `coalesce(body -> '$."email"', 'null') = ?`, bindings: ['"a@x"'] })
  })

  it('uses a partial index only for documents inside of its filter', () => {
    expect(plan({ pending: true }, { _id: 1 })).toMatchObject({ bindings: [1], ordered: true })
    expect(plan({ pending: false })).toMatchObject({ where: '' })
  })

  it('sorts fractions and booleans in memory', () => {
    expect(plan({ price: { $gt: 1 } }, { price: 1 })).toMatchObject({ bindings: [1], ordered: false })
  })

  it('reads arrays by their entries, and narrows a range by one bound only', () => {
    expect(plan({ tags: { $in: ['x', true] } }, { createdAt: 1 })).toMatchObject({
      bindings: ['tags', '["x",1]'],
      ordered: false,
    })
    expect(plan({ tags: { $gt: 1, $lt: 5 } })).toMatchObject({ bindings: ['tags', 1] })
  })

  it('reads the few documents that another index or the entries find, and sorts them in memory', () => {
    expect(plan({ price: { $gte: 5, $lte: 7 } }, { createdAt: -1 }).bindings).toEqual([5, 7])
    const entriesAlone: AreFew = ({ from }) => from.includes('entries')
    const byTag = plan({ seller: 'x', tags: 'y' }, { createdAt: -1 }, entriesAlone)
    expect(byTag).toMatchObject({ bindings: ['tags', 'y'], ordered: false })
    expect(plan({ seller: 'x', tags: 'y' }, { createdAt: -1 })).toMatchObject({ bindings: ['x', 'tags', 'y'], ordered: true })
  })

  it('walks an index in order when there are many, and drops other rows before they are parsed', () => {
    const { where, bindings, ordered } = plan({ price: { $gte: 5, $lte: 7 }, tags: 'y' }, { createdAt: -1 }, () => false)
    expect(where).toBe(
      `+json_extract(body, '$."price"') >= ? AND +json_extract(body, '$."price"') <= ? AND ` +
        `EXISTS (SELECT 1 FROM "entries:x" WHERE path = ? AND value = ? AND id = +document.id)`,
    )
    expect([bindings, ordered]).toEqual([[5, 7, 'tags', 'y'], true])
  })

  it('narrows an array by all conditions on its items, the longest text first', () => {
    const { where, bindings } = plan({ $and: [{ tags: 'wal' }, { tags: { $elemMatch: { $gte: 'walnut', $lt: 'walnuu' } } }] })
    expect(bindings).toEqual(['tags', 'walnut', 'walnuu', 'tags', 'wal'])
    expect(where).toContain('id = entry.id')
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
