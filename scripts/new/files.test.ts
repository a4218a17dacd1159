import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../support/configs.ts'
import { findHouseFaults } from '../topology/house-rules.ts'
import { findOldWords } from '../topology/old-words.ts'
import { filesOf } from './files.ts'
import { namesOf } from './names.ts'
import { wire } from './wiring.ts'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const names = namesOf('offer-reply')
const files = filesOf(names, '2026-11-01')

const wordsOf = (source: string): readonly string[] => source.match(/[\w-]+/g) ?? []

/** What a source imports by name, and from which path. */
const importsOf = (source: string) =>
  [...source.matchAll(/import (?:type )?\{([^}]*)\} from '([^']+)'/g)].flatMap(([, list = '', from = '']) =>
    list
      .split(',')
      .map((name) => name.replace(/\btype\b|\bas\b.*/g, '').trim())
      .filter((name) => name !== '')
      .map((name) => ({ name, from })),
  )

describe('the files of a new Worker', () => {
  test('import only what is there', () => {
    const missing = [...files].flatMap(([path, source]) =>
      importsOf(source)
        .filter(({ from }) => from.startsWith('.'))
        .filter(({ name, from }) => {
          const target = `${posix.join(posix.dirname(path), from)}.ts`
          const text = files.get(target) ?? read(target)
          return !new RegExp(
            `^export (?:default |async |abstract )*(?:const|function|class|type) ${name}\\b|^export \\{[^}]*\\b${name}\\b`,
            'm',
          ).test(text)
        })
        .map(({ name, from }) => `${path} imports ${name} from ${from}`),
    )
    expect(missing).toEqual([])
  })

  test('keep the rules of the tree', () => {
    expect(findHouseFaults(files, [names.worker], [names.worker])).toEqual([])
    expect(findOldWords(files)).toEqual([])
  })

  test('name nothing after another Worker', () => {
    const text = [...files.values()].join('\n')
    expect(text).not.toMatch(/(?<!p)review|undefined'|\[object/i)
  })
})

describe('the files that know every Worker', () => {
  const wired = [...wire(names, read)]

  test.each(wired)('%s names the new one, and loses nothing', (path, text) => {
    expect(text).toMatch(/offer-reply|OFFER_REPLY|offer-replies/)
    const left = wordsOf(text)
    let at = 0
    const lost = wordsOf(read(path)).filter((word) => {
      const found = left.indexOf(word, at)
      at = Math.max(at, found + 1)
      return found < 0
    })
    expect(lost).toEqual([])
  })

  test('are named when they are not as expected', () => {
    expect(() => wire(names, (path) => (path === 'tsconfig.json' ? '{}' : read(path)))).toThrow(
      /^tsconfig\.json: there is no "references"/,
    )
  })
})
