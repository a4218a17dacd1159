import { describe, expect, it } from 'vitest'
import { testCache } from '../testing/cache'

describe('expiry', () => {
  it('deletes a key at its time', () => {
    const { run, clock } = testCache()
    run('SET k v EX 10')
    expect([run('TTL k'), run('PTTL k')]).toEqual([10, 10_000])
    clock.now += 9_999
    expect([run('GET k'), run('PTTL k')]).toEqual(['v', 1])
    clock.now += 1
    expect([run('GET k'), run('TTL k'), run('EXISTS k'), run('SCAN 0'), run('SET k w NX')]).toEqual([
      null,
      -2,
      0,
      ['0', []],
      'OK',
    ])
  })

  it('is kept by counters and KEEPTTL, and dropped by SET and PERSIST', () => {
    const { run } = testCache()
    run('SET n 1 EX 10')
    run('INCR n')
    run('SET n 5 KEEPTTL')
    expect(run('TTL n')).toBe(10)
    run('SET n 5')
    expect(run('TTL n')).toBe(-1)
    expect([run('EXPIRE n 5'), run('PERSIST n'), run('PERSIST n'), run('TTL n')]).toEqual([1, 1, 0, -1])
  })

  it('is set in all its forms', () => {
    const { run } = testCache()
    run('SET a v PX 1500')
    run('SET b v PXAT 1002000')
    run('SET c v EXAT 1003')
    run('SET d v')
    expect(['a', 'b', 'c'].map((key) => run(`PTTL ${key}`))).toEqual([1500, 2000, 3000])
    expect([run('PEXPIRE d 700'), run('PTTL d'), run('EXPIRE d 2'), run('PTTL d')]).toEqual([1, 700, 1, 2000])
    expect([run('EXPIRE d -1'), run('EXISTS d'), run('EXPIRE d 1')]).toEqual([1, 0, 0])
    expect([run('SET d v EX 0'), run('EXPIRE a x'), run('EXPIRE a 1 NX')]).toEqual([
      "ERR invalid expire time in 'set' command",
      'ERR value is not an integer or out of range',
      'ERR Unsupported option NX',
    ])
  })

  it('is refused when it is too far away to be exact', () => {
    const { run } = testCache()
    run('SET k v')
    expect(['SET k w EX 9007199254740', 'EXPIRE k 9007199254740', 'PEXPIRE k 9007199254740993'].map(run)).toEqual([
      "ERR invalid expire time in 'set' command",
      "ERR invalid expire time in 'expire' command",
      'ERR value is out of range: the embedded cache counts within 2^53',
    ])
    expect([run('GET k'), run('TTL k')]).toEqual(['v', -1])
  })
})

describe('the memory bound', () => {
  it('evicts what was used least recently', () => {
    const { run, store } = testCache(1_000)
    for (const key of ['a', 'b', 'c', 'd']) run(`SET ${key} ${'x'.repeat(80)}`)
    run('GET a')
    run(`SET e ${'x'.repeat(80)}`)
    expect(['a', 'b', 'e'].map((key) => run(`EXISTS ${key}`))).toEqual([1, 0, 1])
    expect(store.bytes).toBeLessThanOrEqual(1_000)
  })

  it('evicts what has expired first', () => {
    const { run, clock } = testCache(1_000)
    for (const key of ['a', 'b', 'c']) run(`SET ${key} ${'x'.repeat(80)}`)
    run(`SET d ${'x'.repeat(80)} PX 5`)
    clock.now += 5
    run(`SET e ${'x'.repeat(80)}`)
    expect(run('EXISTS a b c d e')).toBe(4)
  })

  it('is back at nothing when everything is deleted', () => {
    const { run, store } = testCache()
    for (const line of ['HSET h a 1 b 2', 'HSET h a longer', 'SADD s a b', 'SET t abc', 'SET t longer', 'SET h2 text']) run(line)
    expect(store.bytes).toBeGreaterThan(0)
    for (const line of ['HDEL h a b', 'SREM s a b', 'DEL t', 'SADD none', 'SREM none a', 'GETDEL h2']) run(line)
    expect(store.bytes).toBe(0)
  })
})

describe('integers beyond 2^53', () => {
  it('are kept as texts, and no counter rounds them', () => {
    const { run } = testCache()
    run('MSET n 9007199254740993 m 9007199254740990')
    run('HSET h f 9007199254740993')
    const limit = 'the embedded cache counts within 2^53'
    expect(['INCR n', 'INCRBY m 2', 'DECRBY m 9007199254740993', 'HINCRBY h f 1'].map(run)).toEqual([
      `ERR value is out of range: ${limit}`,
      `ERR increment or decrement would overflow: ${limit}`,
      `ERR value is out of range: ${limit}`,
      `ERR value is out of range: ${limit}`,
    ])
    expect([run('MGET n m'), run('HGET h f')]).toEqual([['9007199254740993', '9007199254740990'], '9007199254740993'])
    expect([run('INCR m'), run('DECRBY m 9007199254740991')]).toEqual([9_007_199_254_740_991, 0])
  })
})
