import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { Index } from '../../shared/contracts/data'
import { collectionOf, refusal } from './testing/collection'

describe('indexes', () => {
  it('are made with the names that MongoDB gives them, and listed', async () => {
    const { run, insert } = collectionOf('indexed', [{ keys: { sku: 1 }, unique: true }])
    expect(await run<'listIndexes'>({ action: 'listIndexes' })).toEqual({ indexes: [] })
    const indexes: Index[] = [{ keys: { a: 1, b: -1 } }, { keys: { sku: 1 }, unique: true }, { keys: { _id: 1 } }]
    const made = { names: ['a_1_b_-1', 'sku_1', '_id_'] }
    expect(await run<'createIndexes'>({ action: 'createIndexes', indexes })).toEqual(made)
    expect(await run<'createIndexes'>({ action: 'createIndexes', indexes })).toEqual(made)
    expect(await run<'listIndexes'>({ action: 'listIndexes' })).toEqual({
      indexes: [
        { name: '_id_', keys: { _id: 1 } },
        { name: 'sku_1', keys: { sku: 1 }, unique: true },
        { name: 'a_1_b_-1', keys: { a: 1, b: -1 } },
      ],
    })
    const other = run<'createIndexes'>({ action: 'createIndexes', indexes: [{ keys: { sku: 1 } }] })
    expect(await refusal(other)).toMatchObject({ code: 'data_invalid' })
    await insert({ _id: 'a', sku: 1 })
    expect(await refusal(insert({ _id: 'b', sku: 1 }))).toMatchObject({ code: 'duplicate_key' })
  })

  it('over two paths refuse a document with arrays at both', async () => {
    const { insert, update, find } = collectionOf('parallel', [{ keys: { a: 1, b: 1 } }])
    await insert({ _id: 'a', a: [1], b: 1 }, { _id: 'b', a: 1, b: [1] })
    expect(await refusal(insert({ _id: 'c', a: [1], b: [1] }))).toMatchObject({ code: 'data_invalid' })
    expect(await refusal(update({ _id: 'a' }, { $set: { b: [2] } }))).toMatchObject({ code: 'data_invalid' })
    expect(await find({ a: 1, b: 1 })).toHaveLength(2)
  })

  it('over a path of arrays give a page in order and read about as many rows as it has documents', async () => {
    const { run, insert, update } = collectionOf('walked', [{ keys: { terms: 1, at: -1, _id: -1 } }])
    const terms = (n: number) => [
      'oak',
      ...(n % 10 === 0 ? ['rare'] : []),
      ...(n % 2 === 0 ? ['even'] : []),
      ...(n % 3 === 0 ? ['third'] : []),
    ]
    await insert(...Array.from({ length: 600 }, (_, n) => ({ _id: `p${n}`, terms: terms(n), at: n % 300, status: 'active' })))
    const sort = { at: -1, _id: -1 } as const
    const explain = async (filter: object) => (await run<'explain'>({ action: 'explain', filter, sort, limit: 21 })).plan
    const found = async (filter: object) =>
      (await run<'find'>({ action: 'find', filter, sort, limit: 3 })).documents.map(({ _id }) => _id)
    const one = await explain({ terms: 'oak', status: 'active' })
    expect(one).toMatchObject({ source: 'multikey index', ordered: true, documentsRead: 21, returned: 21 })
    expect(one.rowsRead).toBeLessThan(60)
    const two = await explain({ $and: [{ terms: 'oak' }, { terms: 'rare' }] })
    expect(two).toMatchObject({ source: 'multikey index', ordered: true, documentsRead: 21 })
    expect(two.rowsRead).toBeLessThan(120)
    // SQLite tests the other term: only documents with both are parsed.
    expect(await explain({ $and: [{ terms: 'even' }, { terms: 'third' }] })).toMatchObject({ documentsRead: 21, returned: 21 })
    expect(await explain({ $and: [{ terms: 'oak' }, { terms: 'nobody' }] })).toMatchObject({ documentsRead: 0, rowsRead: 0 })
    expect(await found({ $and: [{ terms: 'oak' }, { terms: 'rare' }] })).toEqual(['p590', 'p290', 'p580'])
    await update({ _id: 'p1' }, { $set: { at: 1000 }, $push: { terms: 'rare' } })
    await update({ _id: 'p590' }, { $pull: { terms: 'rare' } })
    await run<'deleteOne'>({ action: 'deleteOne', filter: { _id: 'p290' } })
    expect(await found({ terms: 'rare' })).toEqual(['p1', 'p580', 'p280'])
  })

  it('drop the old key of a document when an update first puts an array at their path', async () => {
    const { run, insert, update } = collectionOf('becomesArray', [{ keys: { tags: 1, n: 1 } }])
    await insert({ _id: 'a', tags: 'x', n: 1 }, { _id: 'b', tags: 'x', n: 2 })
    await update({ _id: 'a' }, { $set: { tags: ['x', 'y'], n: 3 } })
    const { documents } = await run<'find'>({ action: 'find', filter: { tags: 'x' }, sort: { n: 1 } })
    expect(documents.map(({ _id }) => _id)).toEqual(['b', 'a'])
  })

  it('over arrays are made for documents that an earlier version has stored', async () => {
    const indexes: Index[] = [{ keys: { tags: 1, n: -1 } }]
    const { run, insert } = collectionOf('earlier', indexes, 'credenza_earlier')
    await insert({ _id: 'a', tags: ['x'], n: 1 }, { _id: 'b', tags: ['x', 'y'], n: 2 })
    const stub = env.DATABASE.getByName('credenza_earlier')
    await evictDurableObject(stub)
    await runInDurableObject(stub, (_instance, { storage }) => {
      storage.sql.exec(`DROP TABLE "multikey:documents:earlier {""tags"":1,""n"":-1}"`)
    })
    await evictDurableObject(stub)
    const { plan } = await run<'explain'>({ action: 'explain', filter: { tags: 'x' }, sort: { n: -1 }, limit: 5 })
    expect(plan).toMatchObject({ source: 'multikey index', ordered: true, returned: 2 })
  })
})

describe('a unique index', () => {
  it('refuses a second document with its key, on insert and on update', async () => {
    const { insert, update } = collectionOf('unique', [{ keys: { email: 1 }, unique: true }])
    await insert({ _id: 'a', email: 'a@x' }, { _id: 'b', email: 'b@x' })
    expect(await refusal(insert({ _id: 'c', email: 'a@x' }))).toMatchObject({ code: 'duplicate_key', meta: { index: ['email'] } })
    expect(await refusal(update({ _id: 'b' }, { $set: { email: 'a@x' } }))).toMatchObject({ code: 'duplicate_key' })
    expect(await refusal(insert({ _id: 'a', email: 'd@x' }))).toMatchObject({ code: 'duplicate_key', meta: { index: ['_id'] } })
  })

  it('allows one missing field, as null, and keeps types apart', async () => {
    const { insert, find } = collectionOf('uniqueNull', [{ keys: { k: 1 }, unique: true }])
    await insert({ _id: 'a' }, { _id: 'b', k: 1 }, { _id: 'c', k: true }, { _id: 'd', k: '1' }, { _id: 'e', k: 'null' })
    expect(await refusal(insert({ _id: 'f', k: null }))).toMatchObject({ code: 'duplicate_key' })
    expect(await find({ k: '1' })).toEqual([{ _id: 'd', k: '1' }])
    expect(await find({ k: { $in: [1, true] } })).toHaveLength(2)
  })

  it('over several fields refuses a document only if all of them are equal', async () => {
    const { insert } = collectionOf('compound', [{ keys: { seller: 1, sku: 1 }, unique: true }])
    await insert({ _id: 'a', seller: 'x', sku: '1' }, { _id: 'b', seller: 'x', sku: '2' }, { _id: 'c', seller: 'y', sku: '1' })
    expect(await refusal(insert({ _id: 'd', seller: 'y', sku: '1' }))).toMatchObject({ meta: { index: ['seller', 'sku'] } })
  })

  it('that is partial ignores documents outside of its filter', async () => {
    const { insert, update } = collectionOf('partial', [
      { keys: { user: 1 }, unique: true, partial: { active: true, user: { $exists: true } } },
    ])
    await insert(
      { _id: 'a', user: 'x', active: true },
      { _id: 'b', user: 'x', active: false },
      { _id: 'c', active: true },
      { _id: 'd', active: true },
    )
    expect(await refusal(insert({ _id: 'e', user: 'x', active: true }))).toMatchObject({ code: 'duplicate_key' })
    expect(await refusal(update({ _id: 'b' }, { $set: { active: true } }))).toMatchObject({ code: 'duplicate_key' })
  })

  it('refuses arrays, and cannot be made over documents that share a key', async () => {
    const { insert } = collectionOf('uniqueArray', [{ keys: { k: 1 }, unique: true }])
    expect(await refusal(insert({ _id: 'a', k: [1] }))).toMatchObject({ code: 'data_unsupported' })
    await collectionOf('later').insert({ _id: 'a', k: 1 }, { _id: 'b', k: 1 })
    const later = collectionOf('later', [{ keys: { k: 1 }, unique: true }])
    expect(await refusal(later.find())).toMatchObject({ code: 'duplicate_key', meta: { index: ['k'] } })
  })

  it.each<Index>([
    { keys: {} },
    { keys: { a: 2 as never } },
    { keys: { 'a.0': 1 } },
    { keys: { 'a"b': 1 } },
    { keys: { a: 1 }, partial: { 'b\\c': 1 } },
    { keys: { a: 1 }, partial: { b: { $gt: 1 } } },
    { keys: { a: 1 }, partial: { b: null } },
  ])('is refused as %j', async (index) => {
    expect((await refusal(collectionOf('badIndex', [index]).insert({ _id: 'a' }))).code).toMatch(/^data_/)
  })
})
