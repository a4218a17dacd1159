import { globSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Collection, MongoClient, MongoServerError } from 'mongodb'
import type { Index } from '../shared/contracts/data.ts'
import { declared } from '../shared/storage/documents.ts'
import { readConfigs, root } from './support/configs.ts'
import { answerHelp } from './support/help.ts'

const help = `MONGODB_URI=mongodb://... npm run indexes

Makes every index that a Worker declares in its repo on the MongoDB at MONGODB_URI, and says which it made. Run it before the first
start, and again after an index was added: what is there stays. It drops nothing.

A server without partial indexes (FerretDB) gets plain ones in their place where that comes to the same.`

/** MongoDB's error codes. FerretDB, which is compatible in parts, answers the first for what it lacks. */
const notImplemented = 238
const namespaceNotFound = 26

/** A stand-in for whatever an environment holds, so that a Worker makes its repos, which is when they declare what they need. */
const anything: unknown = new Proxy(() => undefined, {
  get: (_target, name) => (name === 'then' ? undefined : name === Symbol.toPrimitive ? () => '' : anything),
  apply: () => anything,
  construct: () => anything as object,
})

/** Vars and secrets are empty, which asks for nobody's server; whatever else is bound is the stand-in. */
function environmentOf(worker: string): object {
  const config = readConfigs().find((each) => each.worker === worker)
  const texts = new Set([...Object.keys(config?.vars ?? {}), ...(config?.secrets?.required ?? [])])
  return new Proxy({}, { get: (_target, name) => (texts.has(String(name)) ? '' : anything), has: () => true })
}

type BunPlugin = { name: string; setup: (build: { module: (name: string, make: () => object) => void }) => void }

/** Fills `declared`. */
async function declareAll(): Promise<void> {
  // By a name that is no literal, because the package `bun` is the binary and brings no types.
  const { plugin } = (await import(`${'bun'}`)) as { plugin: (plugin: BunPlugin) => void }
  plugin({
    name: 'cloudflare',
    setup: (build) => {
      const exports = { env: {}, WorkerEntrypoint: Object, DurableObject: Object, waitUntil: () => undefined }
      build.module('cloudflare:workers', () => ({ exports, loader: 'object' }))
    },
  })
  for (const path of globSync('workers/*/deps.ts', { cwd: root }).sort()) {
    const worker = basename(dirname(path))
    const { depsFrom } = (await import(join(root, path))) as { depsFrom: (env: unknown) => object }
    const found = declared.size
    depsFrom(environmentOf(worker))
    if (declared.size === found) throw new Error(`${worker} declares no collection: its deps are not what they were`)
  }
}

/** Makes one index. Returns how it was made when it was not as declared. @throws MongoServerError */
async function make(collection: Collection, { keys, unique = false, partial }: Index): Promise<string> {
  try {
    await collection.createIndex(keys, { unique, ...(partial ? { partialFilterExpression: partial } : {}) })
    return ''
  } catch (error) {
    const isPartial = partial !== undefined && error instanceof MongoServerError && error.code === notImplemented
    if (!isPartial || !isPlainEnough({ keys, unique, partial })) throw error
    await collection.createIndex(keys, { unique })
    return ', not partial: the server has no such indexes'
  }
}

/**
 * Whether a plain index does what a partial one is for. One that only finds does, it is just larger. A unique one does when its
 * filter asks no more than that its keys exist: FerretDB on SQLite lets missing keys be as many as they like.
 */
const isPlainEnough = ({ keys, unique, partial = {} }: Index): boolean =>
  !unique || Object.entries(partial).every(([path, asked]) => path in keys && JSON.stringify(asked) === '{"$exists":true}')

if (import.meta.main) {
  answerHelp(help)
  const uri = process.env.MONGODB_URI
  if (!uri) {
    console.error(`MONGODB_URI is not set\n\n${help}`)
    process.exit(2)
  }
  await declareAll()
  const client = await MongoClient.connect(uri, { serverSelectionTimeoutMS: 5_000, serverMonitoringMode: 'poll' })
  try {
    let made = 0
    for (const { database, collection: name, indexes } of declared.values()) {
      const collection = client.db(database).collection(name)
      const before = new Set(['_id_', ...(await listed(collection)).map((index) => index.name)])
      for (const index of indexes) {
        const how = await make(collection, index)
        const fresh = (await listed(collection)).filter((found) => !before.has(found.name))
        for (const found of fresh) {
          before.add(found.name)
          made += 1
          console.log(`${database}.${name}: ${found.name}${index.unique ? ', unique' : ''}${how}`)
        }
      }
    }
    console.log(`${made} indexes made, in ${declared.size} collections`)
  } finally {
    await client.close()
  }
}

/** The indexes that are there; a collection that is not there yet has none, which MongoDB calls an error. */
async function listed(collection: Collection): Promise<{ name: string }[]> {
  try {
    return await collection.listIndexes().toArray()
  } catch (error) {
    if (error instanceof MongoServerError && error.code === namespaceNotFound) return []
    throw error
  }
}
