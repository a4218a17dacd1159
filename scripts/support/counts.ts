import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { root } from './configs.ts'

/**
 * Where tests that count what they tried write it, as JSON: `{ "crash points": 120 }` in a file of each. Tests in workerd, which has no
 * files, post it to the path of its name.
 */
export const countsFolder = join(root, '.wrangler/counts')

/** Keeps what a test counted. */
export async function keepCounts(request: { url: string; text(): Promise<string> }): Promise<Response> {
  mkdirSync(countsFolder, { recursive: true })
  writeFileSync(join(countsFolder, basename(decodeURIComponent(new URL(request.url).pathname))), await request.text())
  return new Response()
}
