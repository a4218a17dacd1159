import { describe, expect, it } from 'vitest'
import { findLooseVersions, judge } from './advisories.ts'

const hole = (id: string) => ({
  ...{ id: 1, url: `https://github.com/advisories/${id}`, title: 'Prototype pollution', severity: 'high' },
  ...{ vulnerable_versions: '<1.2.6', cwe: ['CWE-1321'], cvss: { score: 7.3, vectorString: null } },
})
const answer = JSON.stringify({ minimist: [hole('GHSA-a'), hole('GHSA-b')] })
const leave = { url: hole('GHSA-a').url, because: 'only a build tool has it', until: '2027-01-31' }

describe('the audit of dependencies', () => {
  it('lists every hole, and none where there is none', () => {
    expect(judge(answer, [], '2026-12-01').open).toEqual([
      'high: minimist <1.2.6: Prototype pollution (https://github.com/advisories/GHSA-a)',
      'high: minimist <1.2.6: Prototype pollution (https://github.com/advisories/GHSA-b)',
    ])
    expect(judge('{}', [], '2026-12-01')).toEqual({ open: [], lived: [], stale: [] })
  })

  it('lives with a hole for as long as it was said, and no longer', () => {
    expect(judge(answer, [leave], '2027-01-31')).toMatchObject({
      open: [expect.stringContaining('GHSA-b')],
      lived: [expect.stringContaining('only a build tool')],
    })
    expect(judge(answer, [leave], '2027-02-01')).toMatchObject({ open: [expect.anything(), expect.anything()], lived: [] })
  })

  it('says which leave is for nothing any more', () => expect(judge('{}', [leave], '2026-12-01').stale).toEqual([leave.url]))

  it.each(['', 'error: 405', '[]', '{"minimist":[{}]}'])('takes no other answer for one without holes: %s', (text) =>
    expect(() => judge(text, [], '2026-12-01')).toThrow(),
  )
})

describe('a version', () => {
  const loose = (version: string) =>
    findLooseVersions(JSON.stringify({ dependencies: { hono: version }, devDependencies: { bun: '1.4.5' } }))

  it.each(['4.13.19', '5.20261102.0-beta', 'npm:@cloudflare/vitest-plugin@1.5.0'])('that is exact is fine: %s', (version) =>
    expect(loose(version)).toEqual([]),
  )

  it.each([
    '^4.13.19',
    '~4.13.19',
    '4.13',
    '*',
    'latest',
    '>=4',
    '',
    '4.x',
    'npm:hono@^4.0.0',
    'github:honojs/hono',
    'https://example.com/hono.tgz',
  ])('that is not exact is found: %s', (version) =>
    expect(loose(version)).toEqual([`package.json: the version of hono is ${version}, not an exact one`]),
  )
})
