import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { readConfigs, root } from './support/configs.ts'
import { answerHelp } from './support/help.ts'
import { readSettings } from './support/settings.ts'

const file = join(root, 'wrangler/.dev.vars')

const help = `bun scripts/secrets.ts

Writes wrangler/.dev.vars, the secrets of local runs: ENVIRONMENT=local and a random value for every secret that a
wrangler config requires. Values that are there stay as they are; only missing ones are added. Git ignores the file.`

/** Servers: empty, which means the embedded engines, unless a value is given. */
const servers = new Set(['MONGODB_URI', 'UPSTASH_REDIS_REST_URL', 'UPSTASH_REDIS_REST_TOKEN'])

/** A random value for each name: Ed25519 private keys as a JSON array of JWKs where the name ends in `_KEYS`, else 256 bits. */
export function makeSecrets(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, servers.has(name) ? '' : makeRandom(name)]))
}

const makeRandom = (name: string) => (name.endsWith('_KEYS') ? makeSigningKeys() : makeSecret())

/** The secrets that Workers require. */
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

/** What wrangler/.dev.vars has, with missing secrets added first. */
export function readDevVars(): Record<string, string> {
  ensureDevVars()
  return parseEnv(readFileSync(file, 'utf8')) as Record<string, string>
}

/** The values of settings in a local run: those of wrangler/.dev.vars, and before them those of the environment. */
export function localValues(written = readDevVars(), environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const given = readSettings().flatMap(({ name }) => (environment[name] === undefined ? [] : [[name, environment[name]]]))
  return { ...written, ...Object.fromEntries(given) }
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
