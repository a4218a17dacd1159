import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { Index } from '../../shared/contracts/data'
import { AppError } from '../../shared/contracts/errors'
import { collectionOf, data, refusal } from './testing/collection'

describe('a collection', () => {
  it('is empty until it is written', async () => {
    const nothing = collectionOf('nothing')
    expect(await nothing.run<'findOne'>({ action: 'findOne' })).toEqual({ document: null })
    expect(await nothing.find()).toEqual([])
    expect(await nothing.update({}, { $set: { a: 1 } })).toEqual({ matchedCount: 0, modifiedCount: 0 })
    expect(await nothing.run<'deleteMany'>({ action: 'deleteMany', filter: {} })).toEqual({ deletedCount: 0 })
    expect(await nothing.run<'aggregate'>({ action: 'aggregate', pipeline: [{ $count: 'n' }] })).toEqual({ documents: [] })
  })

  it('is another one when its name differs in case only', async () => {
    await collectionOf('readModels').insert({ _id: 'a' })
    expect(await collectionOf('readmodels').find()).toEqual([])
  })

  it.each(['', 'a b', '1a', 'a"b', 'x'.repeat(101)])('cannot be named %j', async (name) => {
    expect(await refusal(collectionOf(name).find())).toMatchObject({ code: 'data_invalid' })
    expect(await refusal(collectionOf('a', [], name).find())).toMatchObject({ code: 'data_invalid' })
  })

  it('sorts, skips, limits and projects', async () => {
    const { run, insert } = collectionOf('paged', [{ keys: { n: 1 } }])
    await insert({ _id: 'a', n: 3, m: 1 }, { _id: 'b', n: 1, m: 2 }, { _id: 'c', n: 2, m: 3 })
    const { documents } = await run<'find'>({ action: 'find', sort: { n: -1 }, skip: 1, limit: 1, projection: { m: 1 } })
    expect(documents).toEqual([{ _id: 'c', m: 3 }])
    expect(await run<'findOne'>({ action: 'findOne', sort: { m: -1 }, projection: { _id: 0, m: 0 } })).toEqual({
      document: { n: 2 },
    })
  })

  it('generates an ObjectId and keeps it', async () => {
    const { run, insert, find } = collectionOf('ids')
    const { insertedId } = await run<'insertOne'>({ action: 'insertOne', document: { a: 1 } })
    expect(insertedId).toEqual({ $oid: expect.stringMatching(/^[0-9a-f]{24}$/) })
    const { insertedIds } = await insert({ a: 2 }, { a: 3 })
    expect(await find()).toEqual([insertedId, ...insertedIds].map((_id, at) => ({ _id, a: at + 1 })))
    expect(await run<'findOne'>({ action: 'findOne', filter: { _id: insertedId } })).toEqual({
      document: { _id: insertedId, a: 1 },
    })
  })

  it('sorts ids as MongoDB does, and keeps their types apart', async () => {
    const { run, insert, find, update } = collectionOf('idTypes')
    const oid = (digit: string) => ({ $oid: digit.repeat(24) })
    const ids = [-5, 0, 7, 10, '', '\u0001', '10', 'a', '😀', '\u{10ffff}x', oid('0'), oid('f')]
    await insert(...[...ids].reverse().map((_id) => ({ _id })))
    expect((await find()).map(({ _id }) => _id)).toEqual(ids)
    expect(await find({ _id: { $gte: 7, $lte: 9 } })).toEqual([{ _id: 7 }])
    expect((await find({ _id: { $gt: 'a' } })).map(({ _id }) => _id)).toEqual(['😀', '\u{10ffff}x'])
    expect((await find({ _id: { $lt: oid('f') } })).map(({ _id }) => _id)).toEqual([oid('0')])
    expect((await find({ _id: { $in: ['10', 10, oid('F')] } })).map(({ _id }) => _id)).toEqual([10, '10', oid('f')])
    expect(await update({ _id: 10 }, { $set: { n: 1 } })).toMatchObject({ modifiedCount: 1 })
    expect(await run<'deleteMany'>({ action: 'deleteMany', filter: { _id: { $in: ['10', oid('0')] } } })).toEqual({
      deletedCount: 2,
    })
    expect(await find({ n: 1 })).toEqual([{ _id: 10, n: 1 }])
    expect(await refusal(insert({ _id: 7 }))).toMatchObject({ code: 'duplicate_key' })
  })

  it.each([1.5, null, true, { a: 1 }, 'x'.repeat(1025), { $date: '2026-01-01T00:00:00Z' }])('refuses the id %j', async (_id) => {
    expect(await refusal(collectionOf('badIds').insert({ _id }))).toMatchObject({ code: 'data_unsupported' })
  })

  it('stores dates and ObjectIds, and answers in the requested form', async () => {
    const { target, insert, find } = collectionOf('typed', [{ keys: { at: 1 } }])
    await insert(
      { _id: 'a', at: { $date: { $numberLong: '0' } }, n: { $numberInt: '5' } },
      { _id: 'b', at: { $date: '2026-01-01T01:00:00+01:00' }, n: 1.5, of: [{ $oid: 'A'.repeat(24) }, 2 ** 31] },
    )
    const second = { _id: 'b', at: { $date: '2026-01-01T00:00:00.000Z' }, n: 1.5, of: [{ $oid: 'a'.repeat(24) }, 2 ** 31] }
    expect(await find({ at: { $gt: { $date: '2025-01-01T00:00:00Z' } } })).toEqual([second])
    expect(await find({ of: { $oid: 'a'.repeat(24) } })).toEqual([second])
    const query = { action: 'find', filter: { n: { $numberDouble: '1.5' } } } as const
    expect(await data.run({ ...target, types: 'canonical' }, query)).toEqual({
      documents: [
        {
          _id: 'b',
          at: { $date: { $numberLong: '1767225600000' } },
          n: { $numberDouble: '1.5' },
          of: [{ $oid: 'a'.repeat(24) }, { $numberDouble: '2147483648.0' }],
        },
      ],
    })
  })

  it('refuses a document over 1.9 MB and stores nothing of the operation', async () => {
    const { insert, update, find } = collectionOf('large')
    expect(await refusal(insert({ _id: 'a' }, { _id: 'b', text: 'é'.repeat(950_000) }))).toMatchObject({
      code: 'payload_too_large',
    })
    await insert({ _id: 'a', text: 'x'.repeat(1_800_000) })
    expect(await refusal(update({ _id: 'a' }, { $set: { more: 'x'.repeat(200_000) } }))).toMatchObject({
      code: 'payload_too_large',
    })
    expect((await find()).map((document) => Object.keys(document))).toEqual([['_id', 'text']])
  })
})

describe('writes', () => {
  it('count what matched and what changed', async () => {
    const { run, insert, update, find } = collectionOf('counts')
    await insert({ _id: 'a', n: 1 }, { _id: 'b', n: 2 })
    expect(await update({ _id: 'a' }, { $set: { n: 1 } })).toEqual({ matchedCount: 1, modifiedCount: 0 })
    const many = await run<'updateMany'>({ action: 'updateMany', filter: {}, update: { $set: { n: 2 } } })
    expect(many).toEqual({ matchedCount: 2, modifiedCount: 1 })
    const replaced = await run<'replaceOne'>({ action: 'replaceOne', filter: { _id: 'b' }, replacement: { m: 1 } })
    expect(replaced).toEqual({ matchedCount: 1, modifiedCount: 1 })
    const again = await run<'replaceOne'>({ action: 'replaceOne', filter: { m: 1 }, replacement: { _id: 'b', m: 1 } })
    expect(again).toEqual({ matchedCount: 1, modifiedCount: 0 })
    expect(await run<'deleteOne'>({ action: 'deleteOne', filter: { n: 2 } })).toEqual({ deletedCount: 1 })
    expect(await find()).toEqual([{ _id: 'b', m: 1 }])
  })

  it('of many documents happen for all or none', async () => {
    const { run, insert, find } = collectionOf('atomic', [{ keys: { tags: 1 } }])
    const documents = [
      { _id: 'a', n: 1, tags: ['x'] },
      { _id: 'b', n: 'two' },
    ]
    await insert(...documents)
    expect(await refusal(run<'updateMany'>({ action: 'updateMany', filter: {}, update: { $inc: { n: 1 } } }))).toMatchObject({
      code: 'data_invalid',
    })
    expect(await find()).toEqual(documents)
  })

  it('of a list stop at a duplicate if they are ordered, and otherwise go on', async () => {
    const { run, find } = collectionOf('ordered')
    const documents = ['a', 'b', 'a', 'c'].map((_id) => ({ _id }))
    expect(await refusal(run<'insertMany'>({ action: 'insertMany', documents }))).toMatchObject({
      code: 'duplicate_key',
      meta: { index: ['_id'], done: 2 },
    })
    expect(await refusal(run<'insertMany'>({ action: 'insertMany', documents, ordered: false }))).toMatchObject({
      meta: { done: 1 },
    })
    expect(await find()).toEqual([{ _id: 'a' }, { _id: 'b' }, { _id: 'c' }])
  })

  it('upsert from the equalities of the filter', async () => {
    const { run, update, find } = collectionOf('upserts')
    const filter = { _id: 'a', 'seller.id': 'x', n: { $gt: 5 }, $and: [{ kind: { $eq: 'k' } }] }
    expect(await update(filter, { $inc: { count: 1 } }, true)).toEqual({ matchedCount: 0, modifiedCount: 0, upsertedId: 'a' })
    expect(await find()).toEqual([{ _id: 'a', seller: { id: 'x' }, kind: 'k', count: 1 }])
    expect(await update({ _id: 'a' }, { $inc: { count: 1 } }, true)).toEqual({ matchedCount: 1, modifiedCount: 1 })
    const replaced = await run<'replaceOne'>({
      action: 'replaceOne',
      filter: { _id: 'b', x: 1 },
      replacement: { y: 1 },
      upsert: true,
    })
    expect(replaced).toEqual({ matchedCount: 0, modifiedCount: 0, upsertedId: 'b' })
    expect(await find({ _id: 'b' })).toEqual([{ _id: 'b', y: 1 }])
    const either = { _id: 'c', $or: [{ a: 1 }, { a: 2 }] }
    await update(either, { $set: { b: 1 }, $setOnInsert: { made: true } }, true)
    await update({ _id: 'd', $or: [{ a: 1 }], t: { $eq: 5 } }, { $set: { b: 2 } }, true)
    expect(await find({ _id: { $in: ['c', 'd'] } })).toEqual([
      { _id: 'c', b: 1, made: true },
      { _id: 'd', a: 1, t: 5, b: 2 },
    ])
    await update({ _id: 'c' }, { $set: { b: 3 }, $setOnInsert: { made: false } }, true)
    expect(await find({ _id: 'c' })).toEqual([{ _id: 'c', b: 3, made: true }])
    expect((await update({ k: 'new' }, { $set: { b: 1 } }, true)).upsertedId).toEqual({ $oid: expect.any(String) })
    const one = { _id: 'y', a: { $in: [1] } }
    expect(await refusal(update(one, { $set: { b: 1 } }, true))).toMatchObject({ code: 'data_unsupported' })
    expect(await refusal(update({ _id: 'z' }, { $set: { _id: 'q' } }, true))).toMatchObject({ code: 'data_invalid' })
    expect(await refusal(update({ c: 1, $and: [{ c: 2 }] }, { $set: { b: 1 } }, true))).toMatchObject({ code: 'data_invalid' })
  })
})

describe('findOneAndUpdate', () => {
  it('answers the document before or after, of the first in the order of a sort', async () => {
    const { run, insert, find } = collectionOf('modified')
    await insert({ _id: 'a', n: 1 }, { _id: 'b', n: 2 })
    const take = (rest: object) =>
      run<'findOneAndUpdate'>({ action: 'findOneAndUpdate', filter: {}, update: { $inc: { n: 10 } }, sort: { n: -1 }, ...rest })
    expect(await take({})).toEqual({ document: { _id: 'b', n: 2 } })
    expect(await take({ returnDocument: 'after', projection: { _id: 0, n: 1 } })).toEqual({ document: { n: 22 } })
    expect(await take({ filter: { n: 99 } })).toEqual({ document: null })
    const upsert = { filter: { _id: 'c' }, upsert: true, sort: {} }
    expect(await take(upsert)).toEqual({ document: null })
    expect(await take({ ...upsert, filter: { _id: 'd' }, returnDocument: 'after' })).toEqual({ document: { _id: 'd', n: 10 } })
    expect((await find()).map(({ n }) => n)).toEqual([1, 22, 10, 10])
  })

  it('is not the only action with a sort: updateOne and replaceOne take one too', async () => {
    const { run, insert, find } = collectionOf('sorted')
    await insert({ _id: 'a', n: 1 }, { _id: 'b', n: 2 })
    await run<'updateOne'>({ action: 'updateOne', filter: {}, update: { $set: { last: true } }, sort: { n: -1 } })
    await run<'replaceOne'>({ action: 'replaceOne', filter: {}, replacement: { n: 0 }, sort: { n: 1 } })
    expect(await find()).toEqual([
      { _id: 'a', n: 0 },
      { _id: 'b', n: 2, last: true },
    ])
  })
})

describe('many operations at once', () => {
  it('lose no update, and only one of them updates a version', async () => {
    const { insert, update, find } = collectionOf('races')
    await insert({ _id: 'a', n: 0, version: 0 })
    await Promise.all(Array.from({ length: 50 }, () => update({ _id: 'a', n: { $gte: 0 } }, { $inc: { n: 1 } })))
    const byVersion = await Promise.all(
      Array.from({ length: 50 }, () => update({ _id: 'a', version: 0 }, { $inc: { version: 1 } })),
    )
    expect(byVersion.filter(({ matchedCount }) => matchedCount === 1)).toHaveLength(1)
    expect(await find()).toEqual([{ _id: 'a', n: 50, version: 1 }])
  })

  it('never take more than there is', async () => {
    const { insert, update, find } = collectionOf('stock', [{ keys: { 'holds.expiresAt': 1 } }])
    await insert({ _id: 'v', available: 20, holds: [] })
    const taken = await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        update(
          { _id: 'v', available: { $gte: 1 }, 'holds.orderId': { $ne: `o${at % 40}` } },
          { $inc: { available: -1 }, $push: { holds: { orderId: `o${at % 40}`, expiresAt: at } } },
        ),
      ),
    )
    expect(taken.filter(({ modifiedCount }) => modifiedCount === 1)).toHaveLength(20)
    const [stock] = await find({ 'holds.expiresAt': { $lte: 0 } })
    expect(stock).toMatchObject({ available: 0 })
    expect(new Set(stock?.holds.map((hold: { orderId: string }) => hold.orderId)).size).toBe(20)
  })

  it('insert an id once', async () => {
    const { insert } = collectionOf('once')
    const codes = await Promise.all(
      Array.from({ length: 10 }, () =>
        insert({ _id: 'a' }).then(
          () => 'inserted',
          (error) => AppError.from(error)?.code,
        ),
      ),
    )
    expect(codes.filter((code) => code === 'inserted')).toHaveLength(1)
    expect(codes.filter((code) => code === 'duplicate_key')).toHaveLength(9)
  })
})

describe('an eviction', () => {
  it('loses neither documents nor the types of indexed paths', async () => {
    const indexes: Index[] = [{ keys: { tags: 1 } }, { keys: { email: 1 }, unique: true }]
    const { insert, find, update } = collectionOf('evicted', indexes, 'credenza_evicted')
    await insert({ _id: 'a', tags: ['x', 'y'], email: 'a@x' }, { _id: 'b', tags: 'x', email: 'b@x' })
    await evictDurableObject(env.DATABASE.getByName('credenza_evicted'))
    expect((await find({ tags: 'x' })).map(({ _id }) => _id)).toEqual(['a', 'b'])
    await update({ _id: 'a' }, { $pull: { tags: 'x' } })
    expect((await find({ tags: 'x' })).map(({ _id }) => _id)).toEqual(['b'])
    await evictDurableObject(env.DATABASE.getByName('credenza_evicted'))
    const undeclared = collectionOf('evicted', [], 'credenza_evicted')
    expect(await refusal(undeclared.insert({ _id: 'c', email: 'b@x' }))).toMatchObject({
      code: 'duplicate_key',
      meta: { index: ['email'] },
    })
  })
})

describe('a batch', () => {
  it('runs in order and gives each result', async () => {
    const { target, find } = collectionOf('batched')
    const results = await data.batch([
      { target, operation: { action: 'insertOne', document: { _id: 'a', outbox: [{ id: 'e1' }] } } },
      {
        target,
        operation: { action: 'updateOne', filter: { _id: 'a' }, update: { $pull: { outbox: { id: { $in: ['e1'] } } } } },
      },
      {
        target,
        operation: { action: 'updateOne', filter: { _id: 'a', outbox: [] }, update: { $set: { outboxPending: false } } },
      },
    ])
    expect(results).toEqual([{ insertedId: 'a' }, { matchedCount: 1, modifiedCount: 1 }, { matchedCount: 1, modifiedCount: 1 }])
    expect(await find()).toEqual([{ _id: 'a', outbox: [], outboxPending: false }])
    expect(await data.batch([])).toEqual([])
  })

  it('stops at the first failure and answers how many operations were done', async () => {
    const { target, find } = collectionOf('stopped')
    const insert = (_id: string) => ({ target, operation: { action: 'insertOne', document: { _id } } }) as const
    const error = await refusal(data.batch([insert('a'), insert('b'), insert('a'), insert('c')]))
    expect(error).toMatchObject({ code: 'duplicate_key', meta: { index: ['_id'], done: 2 } })
    expect(await find()).toHaveLength(2)
  })

  it('is refused for two databases', async () => {
    const operation = { action: 'findOne' } as const
    const two = ['credenza_a', 'credenza_b'].map((database) => ({ target: { database, collection: 'x' }, operation }))
    expect(await refusal(data.batch(two))).toMatchObject({ code: 'data_invalid' })
  })
})
