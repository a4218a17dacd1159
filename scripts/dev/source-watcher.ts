import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs'
import { join } from 'node:path'

export type SourceWatcher = { close(): void }

type Options = {
  /** Where the folders are; reported paths are relative to it. */
  root: string
  folders: readonly string[]
  /** By the path of a file, relative to the root. */
  isSource: (path: string) => boolean
  /** Gets the files that were written, replaced, added or removed, once nothing has changed for `quietMs`. */
  onChange: (files: string[]) => void
  quietMs?: number
}

/**
 * Watches folders with all that is in them. Node's own recursive watch follows files, so on Linux it loses one that is replaced by a
 * rename, as editors and git do. This one watches each folder, and compares the files with what they were.
 */
export function watchSources({ root, folders, isSource, onChange, quietMs = 100 }: Options): SourceWatcher {
  let watchers: FSWatcher[] = []
  let timer: NodeJS.Timeout | undefined
  const schedule = () => {
    clearTimeout(timer)
    timer = setTimeout(compare, quietMs)
  }
  const close = () => {
    clearTimeout(timer)
    for (const watcher of watchers) watcher.close()
  }

  /** Each file with what changes when it does. All folders are watched anew: one that was replaced has the same path. */
  function scan(): Map<string, string> {
    const before = watchers
    watchers = []
    const files = new Map<string, string>()
    const visit = (folder: string) => {
      // Watched before it is read, so that no change falls in between.
      watchers.push(watch(join(root, folder), schedule).on('error', schedule))
      for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
        const path = join(folder, entry.name)
        if (entry.isDirectory()) visit(path)
        else if (isSource(path)) files.set(path, fingerprint(join(root, path)))
      }
    }
    try {
      for (const folder of folders) visit(folder)
    } finally {
      for (const watcher of before) watcher.close()
    }
    return files
  }

  let known = scan()
  function compare(): void {
    try {
      const found = scan()
      const changed = [...new Set([...known.keys(), ...found.keys()])].filter((path) => known.get(path) !== found.get(path))
      known = found
      if (changed.length > 0) onChange(changed.sort())
    } catch (error) {
      // A folder that is removed while it is read is a change to come.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      schedule()
    }
  }
  return { close }
}

function fingerprint(path: string): string {
  const { mtimeMs, ctimeMs, size, ino } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: 0, ctimeMs: 0, size: 0, ino: 0 }
  return `${ino} ${size} ${mtimeMs} ${ctimeMs}`
}
