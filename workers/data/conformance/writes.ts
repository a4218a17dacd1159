import { expect } from 'vitest'
import type { OperationOf } from '../../../shared/contracts/data'
import type { Case } from './subject'

const ab = [
  { _id: 'a', n: 1 },
  { _id: 'b', n: 2 },
]
const upsert = { upsert: true }
const modify = (more: Partial<OperationOf<'findOneAndUpdate'>>): OperationOf<'findOneAndUpdate'> => ({
  action: 'findOneAndUpdate',
  filter: { _id: 'a' },
  update: { $inc: { n: 1 } },
  ...more,
})

export const writes: Case[] = [
  {
    name: 'an insert without an _id gets an ObjectId',
    test: async ({ run, find }) => {
      const { insertedId } = await run<'insertOne'>({ action: 'insertOne', document: { n: 1 } })
      expect(insertedId).toEqual({ $oid: expect.stringMatching(/^[0-9a-f]{24}$/) })
      expect(await find({ _id: insertedId })).toEqual([{ _id: insertedId, n: 1 }])
    },
  },
  {
    name: 'an insert of an _id that is there is refused',
    documents: ab,
    test: async ({ refusal }) => {
      expect(await refusal({ action: 'insertOne', document: { _id: 'a' } })).toMatchObject({ code: 'duplicate_key' })
    },
  },
  {
    name: 'an insertMany in order stops at a duplicate, otherwise it goes on',
    test: async ({ refusal, ids }) => {
      const documents = ['a', 'b', 'a', 'c'].map((_id) => ({ _id }))
      expect(await refusal({ action: 'insertMany', documents })).toMatchObject({ code: 'duplicate_key', meta: { done: 2 } })
      expect(await ids({})).toEqual(['a', 'b'])
      const unordered = await refusal({ action: 'insertMany', documents, ordered: false })
      expect(unordered).toMatchObject({ code: 'duplicate_key', meta: { done: 1 } })
      expect(await ids({})).toEqual(['a', 'b', 'c'])
    },
  },
  {
    name: 'an insertMany answers the ids in order, and refuses an empty list',
    test: async ({ insert, refusal }) => {
      expect(await insert({ _id: 'z' }, { _id: 'y' })).toEqual({ insertedIds: ['z', 'y'] })
      expect(await refusal({ action: 'insertMany', documents: [] })).toMatchObject({ code: 'data_invalid' })
    },
  },
  {
    name: 'an array as _id is refused',
    test: async ({ refusal }) => {
      expect((await refusal({ action: 'insertOne', document: { _id: ['a'] } })).code).toMatch(/^data_(invalid|unsupported)$/)
    },
  },
  {
    name: 'a document larger than 16 MiB is refused',
    test: async ({ refusal }) => {
      const document = { _id: 'a', text: 'x'.repeat(17_000_000) }
      expect(await refusal({ action: 'insertOne', document })).toMatchObject({ code: 'payload_too_large' })
    },
  },
  {
    name: 'a replacement keeps the _id and nothing else',
    documents: ab,
    test: async ({ run, refusal, find }) => {
      const replace = (filter: object, replacement: object) => ({ action: 'replaceOne' as const, filter, replacement })
      expect(await run<'replaceOne'>(replace({ n: 1 }, { m: 1 }))).toEqual({ matchedCount: 1, modifiedCount: 1 })
      expect(await run<'replaceOne'>(replace({ m: 1 }, { _id: 'a', m: 1 }))).toEqual({ matchedCount: 1, modifiedCount: 0 })
      expect(await run<'replaceOne'>(replace({ _id: 'z' }, { m: 1 }))).toEqual({ matchedCount: 0, modifiedCount: 0 })
      expect(await refusal(replace({ _id: 'a' }, { _id: 'b' }))).toMatchObject({ code: 'data_invalid' })
      expect(await refusal(replace({ _id: 'a' }, { $set: { m: 2 } }))).toMatchObject({ code: 'data_invalid' })
      const inserted = await run<'replaceOne'>({ ...replace({ _id: 'c' }, { m: 3 }), upsert: true })
      expect(inserted).toEqual({ matchedCount: 0, modifiedCount: 0, upsertedId: 'c' })
      expect(await find()).toEqual([
        { _id: 'a', m: 1 },
        { _id: 'b', n: 2 },
        { _id: 'c', m: 3 },
      ])
    },
  },
  {
    name: 'a delete takes one or all that match',
    documents: [...ab, { _id: 'c', n: 2 }],
    test: async ({ run, ids }) => {
      expect(await run<'deleteOne'>({ action: 'deleteOne', filter: { n: 9 } })).toEqual({ deletedCount: 0 })
      expect(await run<'deleteOne'>({ action: 'deleteOne', filter: { n: 2 } })).toEqual({ deletedCount: 1 })
      expect(await ids({})).toHaveLength(2)
      expect(await run<'deleteMany'>({ action: 'deleteMany', filter: { n: { $gt: 0 } } })).toEqual({ deletedCount: 2 })
    },
  },
  {
    name: 'an upsert starts from the equalities of the filter, once',
    test: async ({ update, find }) => {
      const filter = { _id: 'a', 'seller.id': 'x', n: { $gt: 5 }, kind: { $eq: 'k' } }
      const first = await update(filter, { $inc: { count: 1 }, $setOnInsert: { made: 1 } }, upsert)
      expect(first).toEqual({ matchedCount: 0, modifiedCount: 0, upsertedId: 'a' })
      expect(await find()).toEqual([{ _id: 'a', seller: { id: 'x' }, kind: 'k', count: 1, made: 1 }])
      const again = await update({ _id: 'a' }, { $inc: { count: 1 }, $setOnInsert: { made: 2 } }, upsert)
      expect(again).toEqual({ matchedCount: 1, modifiedCount: 1 })
      expect(await find()).toMatchObject([{ count: 2, made: 1 }])
    },
  },
  {
    name: 'an upsert keeps what is null or empty',
    test: async ({ update, find }) => {
      const made = { none: null, list: [], fields: {}, zero: 0, text: '' }
      await update({ _id: 'a' }, { $setOnInsert: made }, upsert)
      expect(await find()).toEqual([{ _id: 'a', ...made }])
    },
  },
  {
    name: 'an upsert takes the equalities under $and, too',
    test: async ({ update, find }) => {
      await update({ _id: 'a', $and: [{ kind: { $eq: 'k' } }] }, { $set: { n: 1 } }, upsert)
      expect(await find()).toEqual([{ _id: 'a', kind: 'k', n: 1 }])
    },
  },
  {
    name: 'an upsert takes the equalities beside a negation',
    test: async ({ update, find }) => {
      await update({ _id: 'a', 'list.k': { $ne: 1 }, kind: 'k' }, { $set: { n: 1 } }, upsert)
      expect(await find()).toEqual([{ _id: 'a', kind: 'k', n: 1 }])
    },
  },
  {
    name: 'an upsert with a $pull by condition inserts without it',
    test: async ({ update, find }) => {
      const change = { $pull: { list: { $gt: 1 } }, $set: { n: 1 } }
      expect(await update({ _id: 'a' }, change, upsert)).toMatchObject({ upsertedId: 'a' })
      expect(await find()).toEqual([{ _id: 'a', n: 1 }])
    },
  },
  {
    name: 'a findOneAndUpdate answers the document before, or after',
    documents: ab,
    test: async ({ run }) => {
      expect(await run<'findOneAndUpdate'>(modify({}))).toEqual({ document: { _id: 'a', n: 1 } })
      const after = await run<'findOneAndUpdate'>(modify({ returnDocument: 'after' }))
      expect(after).toEqual({ document: { _id: 'a', n: 3 } })
      expect(await run<'findOneAndUpdate'>(modify({ filter: { _id: 'z' } }))).toEqual({ document: null })
      const made = await run<'findOneAndUpdate'>(modify({ filter: { _id: 'z' }, upsert: true, returnDocument: 'after' }))
      expect(made).toEqual({ document: { _id: 'z', n: 1 } })
    },
  },
  {
    name: 'a findOneAndUpdate takes the first of a sort',
    documents: ab,
    test: async ({ run }) => {
      expect(await run<'findOneAndUpdate'>(modify({ filter: {}, sort: { n: -1 } }))).toEqual({ document: { _id: 'b', n: 2 } })
    },
  },
  {
    name: 'a findOneAndUpdate projects',
    documents: ab,
    test: async ({ run }) => {
      const projected = await run<'findOneAndUpdate'>(modify({ projection: { _id: 0, n: 1 } }))
      expect(projected).toEqual({ document: { n: 1 } })
    },
  },
  {
    name: 'a batch runs in order and gives each result',
    test: async ({ batch }) => {
      const results = await batch(
        { action: 'insertOne', document: { _id: 'a', outbox: [{ id: 'e1' }] } },
        { action: 'updateOne', filter: { _id: 'a' }, update: { $pull: { outbox: { id: { $in: ['e1'] } } } } },
        { action: 'updateOne', filter: { _id: 'a', outbox: [] }, update: { $set: { done: true } } },
        { action: 'findOne', filter: { _id: 'a' } },
      )
      const changed = { matchedCount: 1, modifiedCount: 1 }
      const document = { _id: 'a', outbox: [], done: true }
      expect(results).toEqual({ result: [{ insertedId: 'a' }, changed, changed, { document }] })
    },
  },
  {
    name: 'a batch stops at the first failure and answers how many operations were done',
    test: async ({ batch, ids }) => {
      const insert = (_id: string) => ({ action: 'insertOne' as const, document: { _id } })
      const stopped = await batch(insert('a'), insert('b'), insert('a'), insert('c'))
      expect(stopped).toMatchObject({ problem: { code: 'duplicate_key', meta: { done: 2 } } })
      expect(await ids({})).toEqual(['a', 'b'])
    },
  },
  {
    name: 'a write on the condition that an array lacks an element happens once',
    documents: [{ _id: 'v', available: 10, holds: [{ order: 'p' }] }],
    test: async ({ update, find }) => {
      const take = (order: string) =>
        update({ _id: 'v', 'holds.order': { $ne: order } }, { $inc: { available: -1 }, $push: { holds: { order } } })
      expect(await take('q')).toEqual({ matchedCount: 1, modifiedCount: 1 })
      for (const order of ['p', 'q']) expect(await take(order)).toEqual({ matchedCount: 0, modifiedCount: 0 })
      expect(await find()).toMatchObject([{ available: 9, holds: [{ order: 'p' }, { order: 'q' }] }])
    },
  },
  {
    name: 'many conditional writes at once never take more than there is',
    documents: [{ _id: 'v', available: 10, holds: [] }],
    test: async ({ update, find }) => {
      const take = (order: string) =>
        update(
          { _id: 'v', available: { $gte: 1 }, 'holds.order': { $ne: order } },
          { $inc: { available: -1 }, $push: { holds: { order } } },
        )
      const taken = await Promise.all(Array.from({ length: 30 }, (_, at) => take(`o${at % 20}`)))
      expect(taken.filter(({ modifiedCount }) => modifiedCount === 1)).toHaveLength(10)
      const [stock] = await find()
      expect(stock).toMatchObject({ available: 0 })
      expect(new Set(stock?.holds.map(({ order }: { order: string }) => order)).size).toBe(10)
    },
  },
  {
    name: 'many increments at once all count',
    documents: [{ _id: 'a', n: 0 }],
    test: async ({ update, find }) => {
      await Promise.all(Array.from({ length: 20 }, () => update({ _id: 'a' }, { $inc: { n: 1 } })))
      expect(await find()).toEqual([{ _id: 'a', n: 20 }])
    },
  },
]
