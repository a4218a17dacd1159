import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfigs, root, type WorkerConfig } from './configs.ts'

export type Setting = {
  name: string
  /** The Workers that read it. */
  workers: string[]
  /** As its config says. */
  about: string
  /** Optional secrets are those that a config documents but does not require. */
  kind: 'var' | 'secret' | 'optional secret'
  /** Of a var, without anything set. */
  fallback?: string
}

type Source = Pick<WorkerConfig, 'worker' | 'vars' | 'secrets'> & { text: string }

/** What a config says of its settings, each in a comment line of its own: `// MAIL_FROM: the sender of mails`. */
const documented = (text: string): [name: string, about: string][] =>
  [...text.matchAll(/^\s*\/\/ ([A-Z][A-Z0-9_]+): (.+)$/gm)].map(([, name = '', about = '']) => [name, about])

/** Vars and secrets of one Worker. ENVIRONMENT is none of them: a local run is always local. */
function settingsOf({ worker, vars, secrets, text }: Source): Setting[] {
  const abouts = new Map(documented(text))
  const required = secrets?.required ?? []
  const names = new Set([...Object.keys(vars), ...required, ...abouts.keys()])
  names.delete('ENVIRONMENT')
  return [...names].map((name) => ({
    name,
    workers: [worker],
    about: abouts.get(name) ?? '',
    kind: name in vars ? 'var' : required.includes(name) ? 'secret' : 'optional secret',
    ...(name in vars ? { fallback: String(vars[name]) } : {}),
  }))
}

/** The settings of all Workers, by name; one that several read is there once. */
export function mergeSettings(sources: readonly Source[]): Setting[] {
  const byName = new Map<string, Setting>()
  for (const setting of sources.flatMap(settingsOf)) {
    const known = byName.get(setting.name)
    byName.set(setting.name, known ? { ...known, workers: [...known.workers, ...setting.workers] } : setting)
  }
  return [...byName.values()].sort((a, b) => a.name.localeCompare(b.name))
}

/** The settings that the wrangler configs have or document. */
export const readSettings = (): Setting[] =>
  mergeSettings(readConfigs().map((config) => ({ ...config, text: readFileSync(join(root, config.path), 'utf8') })))

/** The names in a file of values that no Worker reads, such as misspelt ones. */
export function findUnknown(names: readonly string[], settings: readonly Setting[]): string[] {
  const known = new Set(['ENVIRONMENT', ...settings.map(({ name }) => name)])
  return names.filter((name) => !known.has(name))
}

export const listSettings = (settings: readonly Setting[]): string =>
  settings
    .map(({ name, workers, about, kind, fallback }) => {
      const kindOf = kind === 'var' ? `default ${fallback === '' ? 'empty' : fallback}` : kind
      return `${name}\n    ${about}\n    read by ${workers.join(', ')}; ${kindOf}`
    })
    .join('\n')
