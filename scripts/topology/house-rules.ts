import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { auditor } from '../../shared/contracts/workers'
import { root } from '../support/configs.ts'

const most = { lines: 300, linesOfIndex: 60, linesOfWorkerReadme: 25, linesOfReadme: 200, sourcesInFolder: 30 }

/** The text of each file that the rules are about, under its path from the root. Generated files are not among them. */
export type Sources = ReadonlyMap<string, string>

export const readSources = (): Sources =>
  new Map(
    globSync(['{workers,shared,scripts}/**/*.{ts,tsx,md}', '*.{ts,md}', 'wrangler/*.jsonc'], { cwd: root })
      .filter((path) => !path.endsWith('env.d.ts'))
      .sort()
      .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
  )

const linesOf = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0)

/** Where the tree breaks its own rules, one sentence each. `consumers` are the Workers that have an inbox. */
export function findHouseFaults(sources: Sources, workers: readonly string[], consumers: readonly string[]): string[] {
  return [
    ...workers.flatMap((worker) => findWorkerFaults(sources, worker, consumers.includes(worker))),
    ...findLongFiles(sources),
    ...findLongReadme(sources),
    ...findCrowdedFolders(sources),
    ...findScatteredTestSupport(sources),
  ]
}

/** A Worker has a page, and an index that is wiring and no more. */
function findWorkerFaults(sources: Sources, worker: string, consumes: boolean): string[] {
  const folder = `workers/${worker}`
  const readme = sources.get(`${folder}/README.md`)
  const index = sources.get(`${folder}/index.ts`)
  return [
    ...(readme === undefined ? [`${folder} has no README.md`] : []),
    ...tooLong(`${folder}/README.md`, readme, most.linesOfWorkerReadme, 'a Worker’s page has'),
    ...(index === undefined ? [`${folder}/index.ts does not exist`] : []),
    ...tooLong(`${folder}/index.ts`, index, most.linesOfIndex, 'wiring takes'),
    // Audit keeps its own dead letters, and asks nobody for them.
    ...(consumes && worker !== auditor && index !== undefined && !/\bexport .*\bDeadLettersRpc\b/.test(index)
      ? [`${folder}/index.ts exports no DeadLettersRpc, which audit needs of every Worker that consumes events`]
      : []),
  ]
}

/** The root page has a limit of its own, see `findLongReadme`. */
const findLongFiles = (sources: Sources): string[] =>
  [...sources].filter(([path]) => path !== 'README.md').flatMap(([path, text]) => tooLong(path, text, most.lines, 'a file has'))

/** The first page is for a newcomer, who reads it whole. */
export const findLongReadme = (sources: Sources): string[] =>
  tooLong('README.md', sources.get('README.md'), most.linesOfReadme, 'the first page has')

/** A folder with more files than one can keep in mind wants sub-folders. Tests are not counted. */
export function findCrowdedFolders(sources: Sources): string[] {
  const isSource = (path: string) => /\.tsx?$/.test(path) && !/\.(test|e2e|world)\.tsx?$/.test(path)
  const folders = Map.groupBy([...sources.keys()].filter(isSource), dirname)
  return [...folders]
    .filter(([, paths]) => paths.length > most.sourcesInFolder)
    .map(([folder, { length }]) => `${folder} has ${length} source files; a folder has ${most.sourcesInFolder} at most`)
}

/** What only the tests of a Worker use is in its `testing` folder, so that one sees at once what runs. */
export const findScatteredTestSupport = (sources: Sources): string[] =>
  [...sources.keys()].flatMap((path) => {
    const [, worker] = path.match(/^workers\/([^/]+)\/(?!testing\/)(?:.*[/-])?(?:fixtures|fakes|testing|cases)\.tsx?$/) ?? []
    return worker === undefined ? [] : [`${path} is test support; it belongs in workers/${worker}/testing`]
  })

function tooLong(path: string, text: string | undefined, limit: number, rule: string): string[] {
  const lines = text === undefined ? 0 : linesOf(text)
  return lines > limit ? [`${path} has ${lines} lines; ${rule} ${limit} at most`] : []
}
