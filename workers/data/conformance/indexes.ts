import { expect } from 'vitest'
import type { Index } from '../../../shared/contracts/data'
import type { Case } from './subject'

const email: Index[] = [{ keys: { email: 1 }, unique: true }]
const one = (document: object) => ({ action: 'insertOne' as const, document })

export const indexes: Case[] = [
  {
    name: 'a unique index refuses a second document with its key, on insert',
    indexes: email,
    documents: [{ _id: 'a', email: 'a@x' }],
    test: async ({ refusal }) => expect(await refusal(one({ _id: 'b', email: 'a@x' }))).toMatchObject({ code: 'duplicate_key' }),
  },
  {
    name: 'a refused insert names the index',
    indexes: email,
    documents: [{ _id: 'a', email: 'a@x' }],
    test: async ({ refusal }) => {
      expect(await refusal(one({ _id: 'b', email: 'a@x' }))).toMatchObject({ meta: { index: ['email'] } })
      expect(await refusal(one({ _id: 'a', email: 'b@x' }))).toMatchObject({ meta: { index: ['_id'] } })
    },
  },
  {
    name: 'a unique index refuses a second document with its key, on update, and names itself',
    indexes: email,
    documents: [
      { _id: 'a', email: 'a@x' },
      { _id: 'b', email: 'b@x' },
    ],
    test: async ({ refusal, find }) => {
      const operation = { action: 'updateOne', filter: { _id: 'b' }, update: { $set: { email: 'a@x' } } } as const
      expect(await refusal(operation)).toMatchObject({ code: 'duplicate_key', meta: { index: ['email'] } })
      expect(await find({ _id: 'b' })).toEqual([{ _id: 'b', email: 'b@x' }])
    },
  },
  {
    name: 'a unique index over several fields refuses a document only if all of them are equal',
    indexes: [{ keys: { seller: 1, sku: -1 }, unique: true }],
    documents: [
      { _id: 'a', seller: 'x', sku: '1' },
      { _id: 'b', seller: 'x', sku: '2' },
      { _id: 'c', seller: 'y', sku: '1' },
    ],
    test: async ({ refusal }) =>
      expect(await refusal(one({ _id: 'd', seller: 'y', sku: '1' }))).toMatchObject({ code: 'duplicate_key' }),
  },
  {
    name: 'a unique index allows null once',
    indexes: email,
    documents: [{ _id: 'a', email: null }],
    test: async ({ refusal }) => expect(await refusal(one({ _id: 'b', email: null }))).toMatchObject({ code: 'duplicate_key' }),
  },
  {
    name: 'a unique index treats a missing field as null',
    indexes: email,
    documents: [{ _id: 'a' }],
    test: async ({ refusal }) => expect(await refusal(one({ _id: 'b' }))).toMatchObject({ code: 'duplicate_key' }),
  },
  {
    name: 'a unique index keeps types apart',
    indexes: [{ keys: { k: 1 }, unique: true }],
    test: async ({ insert }) => {
      await insert(
        { _id: 'a', k: 1 },
        { _id: 'b', k: '1' },
        { _id: 'c', k: true },
        { _id: 'd', k: 'null' },
        { _id: 'e', k: null },
      )
    },
  },
  {
    name: 'a partial unique index ignores documents outside of its filter',
    indexes: [{ keys: { cart: 1 }, unique: true, partial: { cart: { $exists: true } } }],
    documents: [{ _id: 'a' }, { _id: 'b' }, { _id: 'c', cart: 'x' }],
    test: async ({ refusal }) => expect(await refusal(one({ _id: 'd', cart: 'x' }))).toMatchObject({ code: 'duplicate_key' }),
  },
  {
    name: 'an upsert is refused by a unique index',
    indexes: email,
    documents: [{ _id: 'a', email: 'a@x' }],
    test: async ({ refusal }) => {
      const operation = { action: 'updateOne', filter: { _id: 'b' }, update: { $set: { email: 'a@x' } }, upsert: true } as const
      expect(await refusal(operation)).toMatchObject({ code: 'duplicate_key' })
    },
  },
  {
    name: 'an index is made once and listed after the one on _id',
    documents: [{ _id: 'a' }],
    test: async ({ run }) => {
      const create = async (index: Index) => (await run<'createIndexes'>({ action: 'createIndexes', indexes: [index] })).names
      const declared: Index[] = [{ keys: { a: 1, b: -1 } }, { keys: { c: 1 }, unique: true }]
      const names: string[] = []
      for (const index of declared) names.push(...(await create(index)))
      for (const [at, index] of declared.entries()) expect(await create(index)).toEqual([names[at]])
      const { indexes: listed } = await run<'listIndexes'>({ action: 'listIndexes' })
      expect(listed.map(({ keys }) => keys)).toEqual([{ _id: 1 }, { a: 1, b: -1 }, { c: 1 }])
      expect(listed.slice(1).map(({ name }) => name)).toEqual(names)
      expect(listed[2]).toMatchObject({ unique: true })
    },
  },
]
