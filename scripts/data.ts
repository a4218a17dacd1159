import { randomBytes } from 'node:crypto'
import { join, relative } from 'node:path'
import { readPort } from './support/base-url.ts'
import { root } from './support/configs.ts'
import { answerHelp } from './support/help.ts'
import { endWithProcess, requireFreePort } from './support/process-exit.ts'
import { localBindings, startRuntime, stateFolder } from './support/runtime.ts'

const help = `npm run data

Runs the data Worker alone, on http://127.0.0.1:8788: the Atlas Data API v1, over an embedded engine or over MongoDB.

  PORT=9000          another port, with data of its own
  DATA_API_KEY=...   the key that clients send as apiKey or api-key; without it one is made up and printed
  MONGODB_URI=...    keeps documents in this MongoDB; without it they are in .wrangler/state

Ctrl-C ends it. What it logs is in .wrangler/data-<port>.log; only errors are shown here.`

/** The key of the environment, or a new one of 256 bits. Ends the script when a header cannot carry the key. */
function readKey(): { key: string; given: boolean } {
  const key = process.env.DATA_API_KEY ?? ''
  if (key === '') return { key: randomBytes(32).toString('base64url'), given: false }
  if (/^[\x21-\x7e]+$/.test(key)) return { key, given: true }
  console.error('DATA_API_KEY must be printable ASCII without spaces')
  return process.exit(1)
}

function describe(url: string, key: string, given: boolean, uri: string): string {
  return `
  The Data API runs on   ${url}
  OpenAPI                ${url}/openapi.json
  Documents are in       ${uri === '' ? `the embedded engine, ${relative(root, state)}` : 'MongoDB, at MONGODB_URI'}

${given ? '' : `DATA_API_KEY=${key}\n\n`}  Try   curl ${url}/app/local/endpoint/data/v1/action/insertOne \\
          -H 'apiKey: ${given ? '\'"$DATA_API_KEY"\'' : key}' -H 'Content-Type: application/json' \\
          -d '{"dataSource":"local","database":"todo","collection":"tasks","document":{"text":"Do the dishes"}}'
  Stop  Ctrl-C
`
}

answerHelp(help)
process.env.PORT ??= '8788'
const port = readPort()
const { key, given } = readKey()
const uri = process.env.MONGODB_URI ?? ''
await requireFreePort(port, 'npm run data')
const state = stateFolder(`data-${port}`)
const bindings = localBindings({ DATA_API_KEY: key, MONGODB_URI: uri })
const log = join(root, '.wrangler', `data-${port}.log`)
const running = startRuntime({ port, workers: ['data'], bindings, state }, log, (line) => console.error(line))
const fail = endWithProcess(running)
try {
  await running.ready
  console.log(describe(running.url, key, given, uri))
} catch {
  await fail('the data Worker did not start')
}
