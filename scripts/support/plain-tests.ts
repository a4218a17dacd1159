import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What only workerd has (its modules, globals that Node lacks), or has in a version of its own, as the time zones of Temporal. */
const ofTheRuntime = /['"](cloudflare:|temporal-polyfill)|\b(WebSocketPair|HTMLRewriter|timingSafeEqual)\b/
const relativeImports = /\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g

/** The file that a relative import means; undefined for one that is not TypeScript. */
function resolved(folder: string, specifier: string): string | undefined {
  const path = join(folder, specifier)
  return [path, `${path}.ts`, `${path}.tsx`].find((file) => /\.tsx?$/.test(file) && existsSync(file))
}

/** Tests of Workers and shared code that need nothing of workerd, however indirectly: they run in Node, without its start. */
export function findPlainTests(root: string): string[] {
  const known = new Map<string, boolean>()
  const isPlain = (file: string): boolean => {
    const found = known.get(file)
    if (found !== undefined) return found
    const text = readFileSync(file, 'utf8')
    // A circle is as plain as the rest of it.
    known.set(file, true)
    const imports = [...text.matchAll(relativeImports)].flatMap(([, specifier = '']) => resolved(dirname(file), specifier) ?? [])
    const plain = !ofTheRuntime.test(text) && imports.every(isPlain)
    known.set(file, plain)
    return plain
  }
  return globSync('{workers,shared}/**/*.test.ts', { cwd: root })
    .filter((file) => isPlain(join(root, file)))
    .sort()
}
