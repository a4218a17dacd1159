import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from '../support/configs.ts'

const link = /\]\(([^)#\s]+)(?:#[^)]*)?\)/g
const heading = /^\| Promise \| How \| (Proved by|Held to it by) \|/
/** What proves something: a test, a battery of tests, or a script that fails when a promise is broken. */
const isProof = (path: string): boolean =>
  /\.(test|e2e|world)\.tsx?$|[-/]battery\.ts$|\/conformance$|^scripts\/soak\.ts$/.test(path)

const linksIn = (text: string): string[] => [...text.matchAll(link)].flatMap(([, target]) => target ?? [])

/** Links of a Markdown page that lead to no file, and promises in its tables that no test is named for. `page` is relative to the root. */
export function findPromiseFaults(page: string, text: string, exists = (path: string) => existsSync(join(root, path))): string[] {
  const targets = linksIn(text).filter((target) => !/^[a-z]+:/.test(target))
  const pathOf = (target: string) => relative('', join(dirname(page), target))
  const promises = text
    .split('\n\n')
    .filter((block) => heading.test(block))
    .flatMap((block) => block.split('\n').slice(2))
  return [
    ...targets.filter((target) => !exists(pathOf(target))).map((target) => `${page} leads to ${target}, which is not there`),
    ...promises
      .filter((row) => !linksIn(row.split(' | ').at(-1) ?? '').some((target) => isProof(pathOf(target))))
      .map((row) => `${page}: no test is named for ${row.match(/\*\*.*?\*\*/)?.[0] ?? row}`),
  ]
}
