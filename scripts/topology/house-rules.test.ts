import { describe, expect, test } from 'vitest'
import { findCrowdedFolders, findHouseFaults, findLongReadme, findScatteredTestSupport } from './house-rules.ts'

const lines = (count: number): string => 'a line\n'.repeat(count)
const wiring = 'export const DeadLettersRpc = deadLettersRpc(depsFrom)\n'
const sound = { 'workers/cart/README.md': '# cart\n', 'workers/cart/index.ts': wiring, 'workers/cart/repo.ts': lines(300) }

/** What is wrong with a tree of one Worker, once some of its files are replaced or, as undefined, removed. */
function faultsOf(changes: Record<string, string | undefined> = {}): string[] {
  const files = Object.entries<string | undefined>({ ...sound, ...changes })
  const sources = new Map(files.flatMap(([path, text]) => (text === undefined ? [] : [[path, text] as const])))
  return findHouseFaults(sources, ['cart'], ['cart'])
}

describe('the rules of the tree', () => {
  test('find nothing in a tree that keeps them', () => {
    expect(faultsOf()).toEqual([])
  })

  test.each([
    ['a Worker without a page', { 'workers/cart/README.md': undefined }, 'workers/cart has no README.md'],
    [
      'a page of a Worker with 26 lines',
      { 'workers/cart/README.md': lines(26) },
      'workers/cart/README.md has 26 lines; a Worker’s page has 25 at most',
    ],
    ['a Worker without an index', { 'workers/cart/index.ts': undefined }, 'workers/cart/index.ts does not exist'],
    [
      'an index with 61 lines',
      { 'workers/cart/index.ts': wiring + lines(60) },
      'workers/cart/index.ts has 61 lines; wiring takes 60 at most',
    ],
    [
      'a consumer whose dead letters nobody can read',
      { 'workers/cart/index.ts': 'export default {}\n' },
      'workers/cart/index.ts exports no DeadLettersRpc, which audit needs of every Worker that consumes events',
    ],
    [
      'a source file with 301 lines',
      { 'shared/storage/store.ts': lines(301) },
      'shared/storage/store.ts has 301 lines; a file has 300 at most',
    ],
    [
      'a page with 301 lines',
      { 'shared/testing/README.md': lines(301) },
      'shared/testing/README.md has 301 lines; a file has 300 at most',
    ],
  ])('find %s', (_what, changes, fault) => {
    expect(faultsOf(changes)).toEqual([fault])
  })
})

test('the first page has 200 lines at most, and no other limit', () => {
  const faultsOf = (count: number) => findLongReadme(new Map([['README.md', lines(count)]]))
  expect(faultsOf(200)).toEqual([])
  expect(faultsOf(201)).toEqual(['README.md has 201 lines; the first page has 200 at most'])
  expect(findHouseFaults(new Map([['README.md', lines(301)]]), [], [])).toEqual(faultsOf(301))
})

test('a folder has 30 source files at most, not counting tests and what is in its own folders', () => {
  const paths = (count: number) => Array.from({ length: count }, (_, index) => `shared/http/a${index}.ts`)
  const others = ['a.test.ts', 'a.e2e.ts', 'a.world.ts', 'README.md', 'deeper/a.ts'].map((name) => `shared/http/${name}`)
  const faultsOf = (count: number) => findCrowdedFolders(new Map([...paths(count), ...others].map((path) => [path, ''])))
  expect(faultsOf(30)).toEqual([])
  expect(faultsOf(31)).toEqual(['shared/http has 31 source files; a folder has 30 at most'])
})

test.each(['fixtures.ts', 'fakes.ts', 'testing.ts', 'cache/testing.ts', 'proposal-fixtures.ts', 'conformance/cases.ts'])(
  'test support of a Worker is in its testing folder, and not in %s',
  (file) => {
    const at = (path: string) => findScatteredTestSupport(new Map([[path, '']]))
    expect(at(`workers/cart/${file}`)).toEqual([`workers/cart/${file} is test support; it belongs in workers/cart/testing`])
    expect(at(`workers/cart/testing/${file}`)).toEqual([])
    expect(at(`shared/${file}`)).toEqual([])
  },
)

test.each(['cart.ts', 'testing.test.ts', 'briefcases.ts'])('%s is no test support', (file) => {
  expect(findScatteredTestSupport(new Map([[`workers/cart/${file}`, '']]))).toEqual([])
})
