import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfigs, root } from './support/configs.ts'
import { answerHelp } from './support/help.ts'

const file = join(root, 'wrangler/.dev.vars')

const help = `bun scripts/secrets.ts

Writes wrangler/.dev.vars, the secrets of local runs: ENVIRONMENT=local and a random value for every secret that a
wrangler config requires. Values that are there stay as they are; only missing ones are added. Git ignores the file.`

/** What names somebody's server: empty, which is to say the embedded engines, unless the environment says otherwise. */
const servers = new Set(['MONGODB_URI', 'UPSTASH_REDIS_REST_URL', 'UPSTASH_REDIS_REST_TOKEN'])

/** A random value for each name: Ed25519 private keys as a JSON array of JWKs where the name ends in `_KEYS`, else 256 bits. */
export function makeSecrets(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, servers.has(name) ? '' : makeRandom(name)]))
}

const makeRandom = (name: string) => (name.endsWith('_KEYS') ? makeSigningKeys() : makeSecret())

/** Every secret that some Worker requires. */
export function requiredSecrets(): string[] {
  return [...new Set(readConfigs().flatMap((config) => config.secrets?.required ?? []))].sort()
}

/** The text of a .dev.vars file with what it lacks at its end, and the names that were added. */
export function addMissing(text: string, names: readonly string[]): { text: string; added: string[] } {
  const present = new Set([...text.matchAll(/^\s*([A-Z0-9_]+)\s*=/gm)].map(([, name]) => name))
  const local = present.has('ENVIRONMENT') ? {} : { ENVIRONMENT: 'local' }
  const missing = { ...local, ...makeSecrets(names.filter((name) => !present.has(name))) }
  const lines = Object.entries(missing).map(([name, value]) => `${name}='${value}'\n`)
  const complete = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return { text: complete + lines.join(''), added: Object.keys(missing) }
}

/** Adds what is missing to wrangler/.dev.vars and says which names those were. */
export function ensureDevVars(): string[] {
  const { text, added } = addMissing(existsSync(file) ? readFileSync(file, 'utf8') : '', requiredSecrets())
  if (added.length > 0) writeFileSync(file, text, { mode: 0o600 })
  return added
}

/** What wrangler/.dev.vars says, with what it lacks added first; the process' own environment goes before it where it names a server. */
export function localValues(): Record<string, string> {
  ensureDevVars()
  const written = [...readFileSync(file, 'utf8').matchAll(/^\s*([A-Z0-9_]+)\s*=\s*(['"]?)(.*)\2\s*$/gm)]
  const values = Object.fromEntries(written.map(([, name = '', , value = '']) => [name, value]))
  const given = [...servers].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  return { ...values, ...Object.fromEntries(given) }
}

function makeSecret(): string {
  return randomBytes(32).toString('base64url')
}

function makeSigningKeys(): string {
  const key = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  return JSON.stringify([{ ...key, kid: randomBytes(6).toString('base64url'), alg: 'EdDSA', use: 'sig' }])
}

if (import.meta.main) {
  answerHelp(help)
  const added = ensureDevVars()
  console.log(added.length === 0 ? 'wrangler/.dev.vars has all it needs' : `wrangler/.dev.vars: added ${added.join(', ')}`)
}
