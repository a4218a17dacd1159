import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from './support/configs.ts'

const worker = 'gift-card'
let copy: string

/** A copy of what git knows of the tree, with the changes in it, and the packages that are installed here. */
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'credenza-new-'))
  for (const path of filesIn(root)) {
    if (!existsSync(join(root, path))) continue
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    cpSync(join(root, path), join(copy, path))
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  git('init', '--quiet')
  git('add', '--all')
})
afterAll(() => rmSync(copy, { recursive: true, force: true }))

const output = (tool: string, args: readonly string[], cwd: string): string =>
  execFileSync(tool, args, { cwd, encoding: 'utf8', stdio: 'pipe', maxBuffer: 2 ** 26 })
const git = (...args: string[]): string => output('git', args, copy)
const filesIn = (folder: string): string[] =>
  output('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], folder)
    .split('\0')
    .filter((path) => path !== '')

/** Runs a tool of the copy; a failure is what it wrote. */
function ran(tool: string, ...args: string[]): { code: number; text: string } {
  try {
    return { code: 0, text: output(join(copy, 'node_modules/.bin', tool), args, copy) }
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number | null; stdout: string; stderr: string }
    return { code: status ?? -1, text: `${stdout}${stderr}` }
  }
}
const addWorker = (...args: string[]) => ran('bun', 'scripts/new.ts', ...args)
/** What differs from the tree as it was copied; a line per file. */
const changes = (): string[] =>
  git('status', '--porcelain', '--untracked-files=all')
    .split('\n')
    .filter((line) => /^.[^ ]/.test(line))

describe('npm run new', () => {
  test('refuses a name that it cannot take, and writes nothing in a dry run', () => {
    expect(addWorker('Gift')).toMatchObject({ code: 2, text: expect.stringContaining('Gift is no name of a Worker') })
    expect(addWorker('order')).toMatchObject({ code: 2, text: expect.stringContaining('order is taken') })
    expect(addWorker()).toMatchObject({ code: 2 })
    const dry = addWorker(worker, '--dry-run')
    expect(dry).toMatchObject({ code: 0, text: expect.stringContaining(`workers/${worker}/commands.ts`) })
    expect(changes()).toEqual([])
  })

  test('leaves nothing half-written when a step fails', () => {
    const path = join(copy, 'biome.json')
    const config = readFileSync(path, 'utf8')
    // The last step but one fails, when all is written.
    writeFileSync(path, config.replace('"noConsole": "error"', '"noConsole": "error", "noNoise": "error"'))
    const { code, text } = addWorker(worker)
    expect([code, text]).toEqual([1, expect.stringContaining('All files are as they were')])
    writeFileSync(path, config)
    expect(changes()).toEqual([])
    expect(existsSync(join(copy, 'workers', worker))).toBe(false)
  })

  test('adds a Worker that keeps every rule and whose tests pass', () => {
    const { code, text } = addWorker(worker)
    expect(code, text).toBe(0)
    expect(text).toContain('GET /v1/gift-cards')
    expect(changes()).toContain('?? workers/gift-card/env.d.ts')
    git('add', '--all')

    expect(ran('bun', 'scripts/topology.ts')).toMatchObject({
      code: 0,
      text: expect.stringMatching(/Workers match the catalogue/),
    })
    expect(ran('tsc', '--build', `workers/${worker}`)).toEqual({ code: 0, text: '' })
    const tests = ran('vitest', 'run', '--project', worker)
    expect(tests.code, tests.text).toBe(0)
    expect(tests.text).toMatch(/4 passed/)
    // Three tools, one after the other, each of which takes both cores.
  }, 400_000)

  test('refuses the same name once more', () => {
    expect(addWorker(worker)).toMatchObject({ code: 2, text: expect.stringContaining(`${worker} is taken`) })
  })
})
