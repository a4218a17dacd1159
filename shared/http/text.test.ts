import { describe, expect, it } from 'vitest'
import { LimitSchema } from './cursor'
import { findBroken } from './text'

describe('a body', () => {
  it.each([
    ['{"__proto__":{"role":"admin"}}', '__proto__'],
    ['{"options":{"constructor":"oak"}}', 'options.constructor'],
    ['{"items":[1,{"prototype":1}]}', 'items.1.prototype'],
    ['{"a":{"\\u005f_proto__":1}}', 'a.__proto__'],
    ['{"a":{"\\u0063onstructor":1}}', 'a.constructor'],
  ])('may not use a name that every object has: %s', (json, path) =>
    expect(findBroken(json)).toEqual({ path, message: 'is a name that no field may have' }),
  )

  it.each([
    '{"title":"__proto__ and constructor"}',
    '{"note":"\\"constructor\\""}',
    '["constructor"]',
    '{"constructors":1}',
    '{"a":"\\u0063"}',
    'no json "constructor"',
  ])('may speak of such a name, or of one like it: %s', (json) => expect(findBroken(json)).toBeUndefined())
})

describe('a limit', () => {
  it.each([
    ['1', 1],
    ['20', 20],
    ['99', 99],
    ['100', 100],
    [undefined, 20],
  ])('may be %s', (text, limit) => expect(LimitSchema.parse(text)).toBe(limit))

  it.each(['0', '101', '-1', '+5', '1.0', '0x10', '1e1', ' 7', '7 ', '', '٣', '07', 'Infinity', ['5', '6'], null])(
    'may not be %j',
    (text) => expect(LimitSchema.safeParse(text).success).toBe(false),
  )
})
