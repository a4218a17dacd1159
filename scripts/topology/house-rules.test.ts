import { describe, expect, test } from 'vitest'
import { findHouseFaults } from './house-rules.ts'

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
