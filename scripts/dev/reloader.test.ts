import { describe, expect, it } from 'vitest'
import { startReloader } from './reloader.ts'

/** A reloader whose builds the test ends: each by its number, or by a mistake. */
function aReloader() {
  const builds: { files: readonly string[]; end: (built: number | undefined | Error) => void }[] = []
  const applied: number[] = []
  const lines: string[] = []
  let begun = () => {}
  const change = startReloader<number>({
    build: (files) =>
      new Promise((resolve, reject) => {
        builds.push({ files, end: (built) => (built instanceof Error ? reject(built) : resolve(built)) })
        begun()
      }),
    apply: async (built) => applied.push(built) > 0 && built !== 0,
    report: (line) => lines.push(line.replace(/\d+ ms/, 'n ms')),
  })
  /** Resolves when a build has begun. */
  const building = () => new Promise<void>((resolve) => (begun = resolve))
  const endBuild = (built: number | undefined | Error) => builds.at(-1)?.end(built)
  return { change, building, endBuild, builds, applied, lines }
}

describe('the reloader', () => {
  it('applies what was built and reports it in one line', async () => {
    const { change, endBuild, applied, lines } = aReloader()
    const done = change(['workers/cart/routes.ts'])
    endBuild(1)
    await done
    expect([applied, lines]).toEqual([[1], ['reloaded in n ms: workers/cart/routes.ts']])
  })

  it('builds once more for 33 saves during a build, and applies only the newest', async () => {
    const { change, building, endBuild, builds, applied, lines } = aReloader()
    const done = change(['a.ts'])
    for (let save = 0; save < 33; save++) await change([`b${save % 2}.ts`])
    const again = building()
    endBuild(1)
    await again
    endBuild(2)
    await done
    expect(builds.map(({ files }) => files)).toEqual([['a.ts'], ['a.ts', 'b0.ts', 'b1.ts']])
    expect([applied, lines]).toEqual([[2], ['reloaded in n ms: a.ts, b0.ts, b1.ts']])
  })

  it('reports a mistake with its place first, keeps the old code, and builds the file again with the next change', async () => {
    const { change, endBuild, builds, applied, lines } = aReloader()
    const failed = change(['a.ts'])
    endBuild(new Error('a.ts:3:7: Unexpected "="'))
    await failed
    expect([applied, lines]).toEqual([[], ['a.ts:3:7: Unexpected "=" (not reloaded, the old code runs, n ms)']])
    const done = change(['b.ts'])
    endBuild(1)
    await done
    expect([builds[1]?.files, applied]).toEqual([['a.ts', 'b.ts'], [1]])
  })

  it('does not report a mistake that was corrected meanwhile', async () => {
    const { change, building, endBuild, lines } = aReloader()
    const done = change(['a.ts'])
    await change(['a.ts'])
    const again = building()
    endBuild(new Error('a.ts:3:7: Unexpected "="'))
    await again
    endBuild(1)
    await done
    expect(lines).toEqual(['reloaded in n ms: a.ts'])
  })

  it('says when nothing that runs is different, and nothing when a file is part of nothing that runs', async () => {
    const { change, endBuild, lines } = aReloader()
    const same = change(['a.ts', 'b.ts', 'c.ts', 'd.ts', 'e.ts'])
    endBuild(0)
    await same
    const unused = change(['fixture.ts'])
    endBuild(undefined)
    await unused
    expect(lines).toEqual(['unchanged in n ms: a.ts, b.ts, c.ts, 2 more'])
  })
})
