import { describe, expect, test } from 'vitest'
import { findPromiseFaults } from './promises.ts'

const table = (...rows: string[]) => ['| Promise | How | Proved by |', '|---|---|---|', ...rows].join('\n')
const kept = '| **Kept.** | In [a.ts](shared/a.ts). | [a.test.ts](shared/a.test.ts): all of it. |'
const faultsOf = (text: string) => findPromiseFaults('README.md', text, (path) => !path.includes('gone'))

describe('promises', () => {
  test('pass when each names a test that is there', () => {
    expect(faultsOf(`# A page\n\n${table(kept, kept)}\n\nSee [elsewhere](https://example.com/gone).`)).toEqual([])
  })

  test.each([
    [
      'no test',
      '| **Broken.** | In [a.test.ts](shared/a.test.ts). | By [care](shared/a.ts). |',
      /no test is named for \*\*Broken/,
    ],
    ['a test that is gone', '| **Broken.** | | [gone](shared/gone.test.ts) |', /leads to shared\/gone\.test\.ts/],
  ])('fail with %s', (_what, row, message) => {
    expect(faultsOf(table(kept, row))).toEqual([expect.stringMatching(message)])
  })

  test('link to files relative to their page', () => {
    const exists = (path: string) => path === 'shared/a.ts'
    expect(findPromiseFaults('shared/README.md', '[a](a.ts) [b](b.ts)', exists)).toEqual([
      'shared/README.md leads to b.ts, which is not there',
    ])
  })
})
