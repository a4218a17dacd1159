import { describe, expect, it } from 'vitest'
import type { Driver } from './client'
import { revive } from './values'

/** Extended JSON as the driver would be given it. */
const driver = { BSON: { EJSON: { deserialize: (wrapper: object) => ({ driven: wrapper }) } } } as unknown as Driver

describe('Extended JSON on its way to the driver', () => {
  it.each([
    { $numberInt: '2147483647' },
    { $numberLong: '9007199254740993' },
    { $numberLong: '-9223372036854775808' },
    { $numberDouble: '1.5' },
    { $numberDouble: '-Infinity' },
    { $numberDouble: 'NaN' },
    { $date: '2026-01-01T00:00:00Z' },
    { $date: { $numberLong: '-62198755200000' } },
    { $timestamp: { t: 4_294_967_295, i: 1 } },
    { $oid: '65f000000000000000000001' },
    { $code: 'x', $scope: {} },
  ])('is left to the driver when it is %j', (wrapper) => {
    expect(revive(driver, { a: [wrapper] })).toEqual({ a: [{ driven: wrapper }] })
  })

  it.each([
    { $numberInt: '2147483648' },
    { $numberInt: 'x' },
    { $numberInt: 5 },
    { $numberLong: '9223372036854775808' },
    { $numberLong: '1.5' },
    { $numberDouble: 'x' },
    { $numberDouble: '' },
    { $date: 'nonsense' },
    { $date: { $numberLong: '9223372036854775807' } },
    { $timestamp: { t: 5_000_000_000, i: 1 } },
    { $oid: '65f000000000000000000001', a: 1 },
    { $date: '2026-01-01T00:00:00Z', a: 1, b: 2 },
  ])('is refused by its type, and never becomes another value, when it is %j', (wrapper) => {
    const named = { code: 'data_invalid', message: expect.stringContaining(Object.keys(wrapper)[0] ?? '') }
    expect(() => revive(driver, { a: [wrapper] })).toThrow(expect.objectContaining(named))
  })
})
