import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** Files that can be put back to what they were. `base` is the folder that their paths are relative to. */
export function undoable(base: string) {
  const before = new Map<string, string | undefined>()
  const made: string[] = []

  /** Keeps what a file is now, for one that something else is about to write. */
  function remember(path: string): void {
    if (before.has(path)) return
    const file = join(base, path)
    before.set(path, existsSync(file) ? readFileSync(file, 'utf8') : undefined)
  }

  function write(path: string, text: string): void {
    remember(path)
    const folder = mkdirSync(dirname(join(base, path)), { recursive: true })
    if (folder !== undefined) made.push(relative(base, folder))
    writeFileSync(join(base, path), text)
  }

  /** Puts every file back, and removes the folders that were made. */
  function undo(): void {
    for (const [path, text] of before) {
      if (text === undefined) rmSync(join(base, path), { force: true })
      else writeFileSync(join(base, path), text)
    }
    for (const folder of made.reverse()) rmSync(join(base, folder), { recursive: true, force: true })
    before.clear()
  }

  return { remember, write, undo }
}
