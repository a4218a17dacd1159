import { describe, expect, test } from 'vitest'
import { describeOldWords, findOldWords } from './old-words.ts'

const wordsOf = (files: Record<string, string>) =>
  findOldWords(new Map(Object.entries(files))).map(({ path, name, word }) => `${path} ${name}: ${word}`)

describe('old words', () => {
  test('are found in names of folders, of files and of code, each once in a file', () => {
    const files = {
      'shared/shelf/told.test.ts': 'const isTold = tellHolders(isTold)',
      'shared/shelf/b.ts': '',
    }
    expect(wordsOf(files)).toEqual([
      'shared/shelf/ shelf: shelf',
      'shared/shelf/told.test.ts told.test.ts: told',
      'shared/shelf/told.test.ts isTold: told',
      'shared/shelf/told.test.ts tellHolders: tell',
      'shared/shelf/told.test.ts tellHolders: holders',
    ])
  })

  test('are whole segments, not parts of other words', () => {
    expect(wordsOf({ 'shared/a.ts': 'const storyteller = teller + shelfLife2', 'shared/retold.ts': '' })).toEqual([
      'shared/a.ts shelfLife2: shelf',
    ])
  })

  test('are not looked for in comments and strings', () => {
    expect(wordsOf({ 'shared/a.ts': "// told\nconst text = 'tell' + `told`" })).toEqual([])
  })

  test('of several segments are found as a run of them', () => {
    expect(wordsOf({ 'shared/a.ts': 'const letGo = takeInArticles(takeOut, goLet)' })).toEqual([
      'shared/a.ts letGo: let go',
      'shared/a.ts takeInArticles: take in',
    ])
  })

  test('may be part of a term of the field: a dead letter is none, a letter is', () => {
    expect(wordsOf({ 'shared/dead-letters.ts': 'const deadLettersOf = dead_letter_queue + letterOf' })).toEqual([
      'shared/dead-letters.ts letterOf: letter',
    ])
  })

  test('that mean something else elsewhere are looked for in their own place only', () => {
    expect(wordsOf({ 'workers/gateway/gate.ts': '', 'workers/order/gate.ts': '' })).toEqual([
      'workers/gateway/gate.ts gate.ts: gate',
    ])
  })

  test('are listed by file, with their sum', () => {
    const found = findOldWords(new Map([['shared/a.ts', 'tell(told, tell)']]))
    expect(describeOldWords(found)).toBe('2 old words in names\n  shared/a.ts: tell, told')
    expect(describeOldWords([])).toBe('0 old words in names')
  })
})
