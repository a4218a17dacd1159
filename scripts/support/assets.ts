import { copyFileSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './configs.ts'

const source = join(root, 'node_modules/swagger-ui-dist')
const folder = join(root, '.wrangler/assets/docs')
const files = ['swagger-ui-bundle.js', 'swagger-ui.css']

/**
 * Puts what the page /docs loads where the gateway's assets binding finds it. It is copied, not fetched from a CDN, so that the page
 * works offline and loads nothing from elsewhere.
 */
export function ensureAssets(): void {
  const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size
  if (files.every((file) => sizeOf(join(folder, file)) === sizeOf(join(source, file)))) return
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const file of files) copyFileSync(join(source, file), join(folder, file))
}
