import { expect, it } from 'vitest'
import { type Kept, memory } from './memory'

const kept = (text: string, at = 0): Kept => ({ text, facts: {}, versionToken: 's', at, freshUntil: at })

it('drops the least recently used answer when it is full', () => {
  const { get, set } = memory(33)
  for (const key of ['a', 'b', 'c']) set(key, kept('0123456789'))
  get('a')
  set('d', kept('0123456789'))
  expect(['a', 'b', 'c', 'd'].filter((key) => get(key))).toEqual(['a', 'c', 'd'])
})

it('does not count a replaced answer', () => {
  const { get, set } = memory(22)
  for (let at = 1; at < 9; at++) set('a', kept('0123456789', at))
  set('b', kept('0123456789'))
  expect([get('a')?.at, get('b')?.at]).toEqual([8, 0])
})

it('does not put an older answer over a newer one', () => {
  const { get, set } = memory()
  set('a', kept('new', 2))
  set('a', kept('old', 1))
  expect(get('a')?.text).toBe('new')
})
