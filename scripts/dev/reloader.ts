type Steps<Built> = {
  /** Builds what the changed files are part of; undefined when they are part of nothing that runs. @throws Error that says where a mistake is */
  build(files: readonly string[]): Promise<Built | undefined>
  /** Runs what was built. False when it is what runs already. */
  apply(built: Built): Promise<boolean>
  /** One line per reload. */
  report(line: string): void
}

const maxNamed = 3
const nameFiles = (files: readonly string[]): string =>
  [...files.slice(0, maxNamed), ...(files.length > maxNamed ? [`${files.length - maxNamed} more`] : [])].join(', ')

/**
 * Takes changed files and reloads, one reload at a time. Changes that come during a build make it worthless, so it begins again with all
 * of them. Files that did not build are built again with the next change.
 */
export function startReloader<Built>({ build, apply, report }: Steps<Built>): (files: readonly string[]) => Promise<void> {
  const waiting = new Set<string>()
  let unbuilt: readonly string[] = []
  let isRunning = false

  async function reload(files: readonly string[]): Promise<void> {
    const started = performance.now()
    const took = () => `${Math.round(performance.now() - started)} ms`
    const isOutdated = () => waiting.size > 0
    unbuilt = files
    try {
      const built = await build(files)
      if (isOutdated()) return
      unbuilt = []
      if (built === undefined) return
      const isNew = await apply(built)
      report(`${isNew ? 'reloaded' : 'unchanged'} in ${took()}: ${nameFiles(files)}`)
    } catch (error) {
      if (!isOutdated()) report(`${error instanceof Error ? error.message : error} (not reloaded, the old code runs, ${took()})`)
    }
  }

  return async (files) => {
    for (const file of files) waiting.add(file)
    if (isRunning) return
    isRunning = true
    while (waiting.size > 0) {
      const next = [...new Set([...waiting, ...unbuilt])].sort()
      waiting.clear()
      await reload(next)
    }
    isRunning = false
  }
}
