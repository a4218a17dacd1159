import { type ChildProcess, spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { root } from './configs.ts'

const binaries = join(root, 'node_modules/.bin')

/**
 * The environment of every tool that a script starts. `node_modules/.bin` comes first, because wrangler and vitest need the Node that is
 * installed there, not the machine's. The rest keeps tools quiet and off the network.
 */
export function toolEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}`,
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    WRANGLER_LOG_PATH: join(root, '.wrangler/logs'),
  }
}

export type Finished = { code: number; output: string }

/** Runs a tool of `node_modules/.bin` to its end and keeps what it wrote, without colours. */
export function run(tool: string, args: readonly string[], extra: NodeJS.ProcessEnv = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(join(binaries, tool), args, {
      cwd: root,
      env: { ...toolEnvironment(), ...extra },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const keep = (chunk: Buffer) => {
      output += chunk.toString()
    }
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? 1, output: stripVTControlCharacters(output) }))
  })
}
