import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './configs.ts'

const maxLines = 300
const maxIndexLines = 60

function countLines(path: string): number {
  const text = readFileSync(join(root, path), 'utf8')
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}

/** Where the repository breaks its own rules: a Worker without a README, an index that is more than wiring, a file that is too long. */
export function findHouseRuleFaults(workers: readonly string[]): string[] {
  const sources = globSync(['{workers,shared,scripts}/**/*.{ts,md}', '*.ts', 'wrangler/*.jsonc'], { cwd: root })
  return [
    ...workers
      .filter((worker) => !existsSync(join(root, 'workers', worker, 'README.md')))
      .map((worker) => `workers/${worker} has no README.md`),
    ...workers
      .map((worker) => `workers/${worker}/index.ts`)
      .flatMap((path) => {
        if (!existsSync(join(root, path))) return [`${path} does not exist`]
        const lines = countLines(path)
        return lines > maxIndexLines ? [`${path} has ${lines} lines; wiring takes ${maxIndexLines} at most`] : []
      }),
    ...sources
      .filter((path) => !path.endsWith('env.d.ts'))
      .map((path) => ({ path, lines: countLines(path) }))
      .filter(({ lines }) => lines > maxLines)
      .map(({ path, lines }) => `${path} has ${lines} lines; a file has ${maxLines} at most`),
  ]
}
