import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { watchSources } from './source-watcher.ts'

let root: string
let close: () => void
/** Changed files that no test has taken yet, and who waits for the next ones. */
let reported: string[][]
let waiting: ((files: string[]) => void) | undefined

const next = (): Promise<string[]> =>
  new Promise((resolve) => {
    const files = reported.shift()
    if (files) resolve(files)
    else waiting = resolve
  })

const write = (path: string, text: string) => writeFileSync(join(root, path), text)

/** As vim, JetBrains and git save: into a new file, which then takes the place of the old one. */
function replace(path: string, text: string): void {
  write(`${path}.tmp`, text)
  renameSync(join(root, `${path}.tmp`), join(root, path))
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'credenza-watch-'))
  mkdirSync(join(root, 'workers/cart'), { recursive: true })
  write('workers/cart/index.ts', '1')
  reported = []
  waiting = undefined
  const onChange = (files: string[]) => {
    if (waiting) waiting(files)
    else reported.push(files)
    waiting = undefined
  }
  const isSource = (path: string) => path.endsWith('.ts')
  close = watchSources({ root, folders: ['workers'], isSource, onChange, quietMs: 20 }).close
})

afterEach(() => {
  close()
  rmSync(root, { recursive: true })
})

describe('the source watcher', () => {
  it('reports a file that is written in place', async () => {
    write('workers/cart/index.ts', '2')
    expect(await next()).toEqual(['workers/cart/index.ts'])
  })

  it('reports a file each time that it is replaced by a rename', async () => {
    for (const text of ['2', '3', '4']) {
      replace('workers/cart/index.ts', text)
      expect(await next()).toEqual(['workers/cart/index.ts'])
    }
    write('workers/cart/index.ts', '5')
    expect(await next()).toEqual(['workers/cart/index.ts'])
  })

  it('reports the files of a folder that is new, and of one that was replaced', async () => {
    mkdirSync(join(root, 'workers/order/lines'), { recursive: true })
    write('workers/order/lines/line.ts', '1')
    expect(await next()).toEqual(['workers/order/lines/line.ts'])
    rmSync(join(root, 'workers/order'), { recursive: true })
    expect(await next()).toEqual(['workers/order/lines/line.ts'])
    mkdirSync(join(root, 'workers/order/lines'), { recursive: true })
    write('workers/order/lines/line.ts', '2')
    expect(await next()).toEqual(['workers/order/lines/line.ts'])
    replace('workers/order/lines/line.ts', '3')
    expect(await next()).toEqual(['workers/order/lines/line.ts'])
  })

  it('reports quick saves once, when they are over', async () => {
    for (let save = 0; save < 33; save++) replace('workers/cart/index.ts', `save ${save}`)
    expect(await next()).toEqual(['workers/cart/index.ts'])
    expect(reported).toEqual([])
  })

  it('reports no file that is not source', async () => {
    write('workers/cart/notes.txt', 'x')
    write('workers/cart/routes.ts', '1')
    expect(await next()).toEqual(['workers/cart/routes.ts'])
  })
})
