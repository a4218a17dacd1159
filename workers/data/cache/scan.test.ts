import { describe, expect, it } from 'vitest'
import { testCache } from '../testing/cache'

type Page = [cursor: string, found: string[]]

/** Scans to the end and changes what is scanned after each page. */
function scanAll(page: (cursor: string) => Page, change: (turn: number) => void): string[] {
  const found: string[] = []
  let [cursor, turn] = ['0', 0]
  do {
    const [next, names] = page(cursor)
    found.push(...names)
    cursor = next
    change(turn++)
  } while (cursor !== '0' && turn < 10_000)
  return found
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}${at}`)

describe('a scan meets everything that exists throughout', () => {
  it('among all keys, while others come and go and these are used and overwritten', () => {
    const { run } = testCache()
    const [kept, gone] = [names('kept', 200), names('gone', 200)]
    for (const [at, key] of kept.entries()) run(`MSET ${gone[at]} 1 ${key} 1`)
    const found = scanAll(
      (cursor) => run(`SCAN ${cursor} COUNT 7`) as Page,
      (turn) => {
        run(`DEL ${gone[turn]} ${gone[199 - turn]}`)
        run(`SET new${turn} 1`)
        run(`GET ${kept[turn]}`)
        run(`SET ${kept[199 - turn]} 2`)
        run(`INCR ${kept[100 + turn]}`)
      },
    )
    expect(kept.filter((key) => !found.includes(key))).toEqual([])
  })

  it.each([
    ['a set', 'SADD c NAME', 'SREM c NAME', 'SSCAN'],
    ['a hash', 'HSET c NAME 1', 'HDEL c NAME', 'HSCAN'],
  ])('in %s, while others come and go', (_name, add, remove, scan) => {
    const { run } = testCache()
    const [kept, gone] = [names('kept', 150), names('gone', 150)]
    for (const name of [...gone, ...kept]) run(add.replace('NAME', name))
    const found = scanAll(
      (cursor) => run(`${scan} c ${cursor} COUNT 10`) as Page,
      (turn) => {
        run(remove.replace('NAME', gone[turn * 3] ?? ''))
        run(remove.replace('NAME', gone[turn * 3 + 1] ?? ''))
        run(add.replace('NAME', `new${turn}`))
      },
    )
    expect(kept.filter((name) => !found.includes(name))).toEqual([])
  })

  it.each([
    ['a set', 'SADD c NAME', 'SREM c NAME', 'SSCAN'],
    ['a hash', 'HSET c NAME 1', 'HDEL c NAME', 'HSCAN'],
  ])('in %s, and nothing that was deleted before', (_name, add, remove, scan) => {
    const { run } = testCache()
    for (const name of names('m', 150)) run(add.replace('NAME', name))
    run(`${scan} c 0`)
    run(remove.replace('NAME', 'm7'))
    const [, found] = run(`${scan} c 0 COUNT 1000`) as Page
    expect([found.includes('m6'), found.includes('m7')]).toEqual([true, false])
  })

  it('in pages of the requested size, but a small collection whole', () => {
    const { run } = testCache()
    run(`SADD small ${names('m', 128).join(' ')}`)
    run(`SADD large ${names('m', 129).join(' ')}`)
    expect((run('SSCAN small 0') as Page)[1]).toHaveLength(128)
    expect((run('SSCAN large 0') as Page)[1]).toHaveLength(10)
    expect((run('SSCAN large 0 COUNT 1000') as Page)[0]).toBe('0')
  })

  it('but no keys that have expired', () => {
    const { run, clock } = testCache()
    run('SET a 1 PX 5')
    run('SET b 1')
    clock.now += 5
    expect(run('SCAN 0')).toEqual(['0', ['b']])
  })
})
