import { describe, expect, it } from 'vitest'
import { testCache } from './testing'

describe('expiry', () => {
  it('ends a key at its time', () => {
    const { run, clock } = testCache()
    run('SET k v EX 10')
    expect([run('TTL k'), run('PTTL k')]).toEqual([10, 10_000])
    clock.now += 9_999
    expect([run('GET k'), run('PTTL k')]).toEqual(['v', 1])
    clock.now += 1
    expect([run('GET k'), run('TTL k'), run('EXISTS k'), run('DBSIZE'), run('KEYS *'), run('SET k w NX')]).toEqual([
      null,
      -2,
      0,
      0,
      [],
      'OK',
    ])
  })

  it('is kept by counters and KEEPTTL, and dropped by SET and PERSIST', () => {
    const { run } = testCache()
    run('SETEX n 10 1')
    run('INCR n')
    run('SET n 5 KEEPTTL')
    expect(run('TTL n')).toBe(10)
    run('SET n 5')
    expect(run('TTL n')).toBe(-1)
    expect([run('EXPIRE n 5'), run('PERSIST n'), run('PERSIST n'), run('TTL n')]).toEqual([1, 1, 0, -1])
  })

  it('is set in all its forms', () => {
    const { run } = testCache()
    run('PSETEX a 1500 v')
    run('SET b v PXAT 1002000')
    run('SET c v EXAT 1003')
    run('SET d v')
    expect(['a', 'b', 'c'].map((key) => run(`PTTL ${key}`))).toEqual([1500, 2000, 3000])
    expect([run('GETEX d PX 700'), run('PTTL d'), run('GETEX d PERSIST'), run('PTTL d')]).toEqual(['v', 700, 'v', -1])
    expect([
      run('PEXPIRE d 100 XX'),
      run('PEXPIRE d 100 NX'),
      run('PEXPIRE d 50 GT'),
      run('PEXPIRE d 50 LT'),
      run('PTTL d'),
    ]).toEqual([0, 1, 0, 1, 50])
    expect([run('EXPIRE d -1'), run('EXISTS d'), run('EXPIRE d 1')]).toEqual([1, 0, 0])
    expect([run('SETEX d 0 v'), run('EXPIRE a x'), run('EXPIRE a 1 SOON')]).toEqual([
      "ERR invalid expire time in 'setex' command",
      'ERR value is not an integer or out of range',
      'ERR Unsupported option SOON',
    ])
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

  it('prefers what has expired', () => {
    const { run, clock } = testCache(1_000)
    for (const key of ['a', 'b', 'c']) run(`SET ${key} ${'x'.repeat(80)}`)
    run(`SET d ${'x'.repeat(80)} PX 5`)
    clock.now += 5
    run(`SET e ${'x'.repeat(80)}`)
    expect(run('DBSIZE')).toBe(4)
  })

  it('counts collections down to nothing', () => {
    const { run, store } = testCache()
    for (const line of [
      'HSET h a 1 b 2',
      'HSET h a longer',
      'SADD s a b',
      'ZADD z 1 a',
      'RPUSH l a b c',
      'APPEND t abc',
      'APPEND t def',
    ])
      run(line)
    expect(store.bytes).toBeGreaterThan(0)
    for (const line of ['HDEL h a b', 'SREM s a b', 'ZREM z a', 'LPOP l', 'LTRIM l 5 9', 'DEL t']) run(line)
    expect(store.bytes).toBe(0)
  })
})
