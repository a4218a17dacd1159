import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundle } from '../support/bundle.ts'
import { stackMapper } from './stack-mapper.ts'

test('a stack of minified code names files and lines of the source', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'credenza-map-'))
  try {
    const lines = ['type Unused = { a: string }', 'export function fail(): never {', '', "  throw new Error('failed')", '}']
    writeFileSync(join(folder, 'source.ts'), lines.join('\n'))
    const { code, map } = await bundle(join(folder, 'source.ts'))
    writeFileSync(join(folder, 'cart.mjs'), code)
    const { fail } = await import(join(folder, 'cart.mjs'))
    const stack = (() => {
      try {
        return fail()
      } catch (error) {
        return String((error as Error).stack)
      }
    })()
    expect(stack).toMatch(/cart\.mjs:1:\d+/)
    const mapped = stackMapper((name) => (name === 'cart' ? map : undefined))(stack)
    expect(mapped).toMatch(/at fail \(.*source\.ts:4:9\)/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a position in an unknown bundle stays as it is', () => {
  const text = 'at f (file:///x/other.mjs:1:20) and no position'
  expect(stackMapper(() => undefined)(text)).toBe(text)
})
