import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from './support/configs.ts'
import { freePort, isPortFree } from './support/ports.ts'
import { deleteState } from './support/runtime.ts'

let port = 0
let child: ChildProcess
let output = ''

beforeAll(async () => {
  port = await freePort()
  const { DATA_API_KEY: _key, MONGODB_URI: _uri, ...environment } = process.env
  child = spawn(join(root, 'node_modules/.bin/bun'), ['scripts/data.ts'], {
    cwd: root,
    env: { ...environment, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const chunk of child.stdout ?? []) {
    output += chunk
    if (output.includes('Ctrl-C')) break
  }
})

afterAll(() => {
  child.kill('SIGKILL')
  deleteState(`data-${port}`)
})

const call = (action: string, key: string, body: object) =>
  fetch(`http://127.0.0.1:${port}/app/any/endpoint/data/v1/action/${action}`, {
    method: 'POST',
    headers: { apiKey: key, 'content-type': 'application/json' },
    body: JSON.stringify({ dataSource: 'any', database: 'todo', collection: 'tasks', ...body }),
  })

describe('npm run data', () => {
  it('serves the Data API with the key it prints', async () => {
    const [, key = ''] = /^DATA_API_KEY=(\S{43})$/m.exec(output) ?? []
    expect((await call('insertOne', key, { document: { _id: 'a' } })).status).toBe(201)
    expect(await (await call('find', key, {})).json()).toEqual({ documents: [{ _id: 'a' }] })
    expect((await call('find', `${key}x`, {})).status).toBe(401)
    expect((await fetch(`http://127.0.0.1:${port}/openapi.json`)).status).toBe(200)
  })

  it('ends with all it started', async () => {
    const ended = once(child, 'exit')
    child.kill('SIGINT')
    expect(await ended).toEqual([0, null])
    expect(await isPortFree(port)).toBe(true)
  })
})
