import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { undoable } from './undoable.ts'

let base: string
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'credenza-undo-'))
  writeFileSync(join(base, 'kept.txt'), 'as it was')
})
afterEach(() => rmSync(base, { recursive: true }))

test('what was written is undone: files are as they were, and folders that were made are gone', () => {
  const files = undoable(base)
  files.write('kept.txt', 'changed')
  files.write('kept.txt', 'changed again')
  files.write('made/deeper/new.txt', 'new')
  files.write('made/other.txt', 'new')
  files.remember('generated.txt')
  writeFileSync(join(base, 'generated.txt'), 'by a tool')
  expect(readFileSync(join(base, 'made/deeper/new.txt'), 'utf8')).toBe('new')
  files.undo()
  expect(readdirSync(base)).toEqual(['kept.txt'])
  expect(readFileSync(join(base, 'kept.txt'), 'utf8')).toBe('as it was')
})

test('undoing twice, or before anything was written, changes nothing', () => {
  const files = undoable(base)
  files.undo()
  files.write('kept.txt', 'changed')
  files.undo()
  writeFileSync(join(base, 'kept.txt'), 'of somebody else')
  files.undo()
  expect(readFileSync(join(base, 'kept.txt'), 'utf8')).toBe('of somebody else')
})
