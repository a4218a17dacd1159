import { exports } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { DataApi } from '../../shared/contracts/data'
import { AppError } from '../../shared/contracts/errors'

const data = exports.DataRpc as unknown as DataApi

describe('the cache by RPC', () => {
  it('answers commands', async () => {
    expect(await data.cache(['SET', 'k', 'v', 'EX', 60])).toBe('OK')
    expect(await data.cache(['get', 'k'])).toBe('v')
  })

  it('throws what Redis would answer as an error', async () => {
    const thrown = await data.cache(['EVAL', 'return 1', 0]).catch((error: unknown) => error)
    expect(AppError.is(thrown, 'cache_error')).toBe(true)
    expect(String(thrown)).toContain("ERR unknown command 'EVAL', with args beginning with: 'return 1' '0' ")
  })

  it('lets each command of a pipeline answer for itself', async () => {
    expect(await data.cachePipeline([['SET', 'p', 'text'], ['INCR', 'p'], ['GET', 'p'], []])).toEqual([
      { result: 'OK' },
      { error: 'ERR value is not an integer or out of range' },
      { result: 'text' },
      { error: "ERR unknown command '', with args beginning with: " },
    ])
  })

  it('answers /health', async () => {
    const worker = exports.default as unknown as Fetcher
    expect(await (await worker.fetch('https://data/health')).json()).toEqual({ ok: true, worker: 'data' })
  })
})
