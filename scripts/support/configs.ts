import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'

export const root = resolve(import.meta.dirname, '../..')

const Consumer = z.object({
  queue: z.string(),
  max_batch_timeout: z.number().optional(),
  dead_letter_queue: z.string().optional(),
  max_retries: z.number().optional(),
  max_concurrency: z.number().optional(),
})

/** The part of a wrangler config that scripts and tests read; wrangler itself validates the rest. */
const Config = z.object({
  name: z.string(),
  main: z.string(),
  compatibility_date: z.string(),
  workers_dev: z.boolean().optional(),
  vars: z.record(z.string(), z.unknown()).default({}),
  secrets: z.object({ required: z.array(z.string()) }).optional(),
  services: z.array(z.object({ binding: z.string(), service: z.string(), entrypoint: z.string().optional() })).default([]),
  queues: z
    .object({
      producers: z.array(z.object({ binding: z.string(), queue: z.string() })).default([]),
      consumers: z.array(Consumer).default([]),
    })
    .default({ producers: [], consumers: [] }),
  triggers: z.object({ crons: z.array(z.string()).default([]) }).default({ crons: [] }),
})

export type WorkerConfig = z.infer<typeof Config> & {
  /** The domain, which names the config, the folder and the Worker: `cart` for `wrangler/cart.jsonc`. */
  worker: string
  /** Relative to the root. */
  path: string
}

/** Drops the comments of JSONC but keeps strings that look like them, such as addresses. */
export function stripComments(jsonc: string): string {
  return jsonc.replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_match, text: string | undefined) => text ?? '')
}

const Root = z.object({ references: z.array(z.object({ path: z.string() })) })

/** The paths of the projects that the whole consists of for TypeScript: `./workers/cart`. */
export const readReferences = (): string[] =>
  Root.parse(JSON.parse(stripComments(readFileSync(join(root, 'tsconfig.json'), 'utf8')))).references.map(({ path }) => path)

function parseJsonc(path: string): unknown {
  try {
    return JSON.parse(stripComments(readFileSync(join(root, path), 'utf8')))
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : error}`)
  }
}

/** Every `wrangler/*.jsonc`, the gateway first: the first config of a local run is the one on the port. */
export function readConfigs(): WorkerConfig[] {
  const files = readdirSync(join(root, 'wrangler')).filter((name) => name.endsWith('.jsonc'))
  const isGateway = (name: string) => Number(name === 'gateway.jsonc')
  return files
    .sort((a, b) => isGateway(b) - isGateway(a) || a.localeCompare(b))
    .map((name) => {
      const path = `wrangler/${name}`
      const parsed = Config.safeParse(parseJsonc(path))
      if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`)
      return { ...parsed.data, worker: name.replace('.jsonc', ''), path }
    })
}
