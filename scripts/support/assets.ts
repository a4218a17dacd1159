import { copyFileSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './configs.ts'

const source = join(root, 'node_modules/@scalar/api-reference/dist/browser/standalone.js')
const folder = join(root, '.wrangler/assets/docs')

/**
 * Puts the script of the page /docs where the gateway's assets binding finds it. It is copied, not fetched from a CDN, so that
 * the page works offline and loads nothing from elsewhere.
 */
export function ensureAssets(): void {
  const target = join(folder, 'standalone.js')
  if (statSync(target, { throwIfNoEntry: false })?.size === statSync(source).size) return
  mkdirSync(folder, { recursive: true })
  copyFileSync(source, target)
}
