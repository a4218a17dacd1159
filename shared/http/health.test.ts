import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import type { DataApi } from '../contracts/data'
import { AppError } from '../contracts/errors'
import { newId } from '../contracts/ids'
import { park } from '../events/dead-letters'
import { breakerOf } from '../runtime/circuit-breaker'
import { type StoreBindings, storeOf } from '../storage/store'
import { storeBindings } from '../testing/data'
import { aClock } from '../testing/factories'
import { call } from '../testing/http'
import { baseDeps } from '../worker/base-deps'
import { newApp } from './app'

const real = storeOf(env as unknown as StoreBindings)

/** A Worker whose database can be put out of order, and which counts how often it is asked. */
function aWorker() {
  const now = aClock(Date.now())
  const state = { asked: 0, does: 'answer' as 'answer' | 'fail' | 'hang' }
  const run = async (...asked: Parameters<DataApi['run']>) => {
    state.asked += 1
    if (state.does === 'fail') throw new AppError('unavailable')
    return state.does === 'hang' ? new Promise<never>(() => {}) : real.run(...asked)
  }
  const bindings = storeBindings({ run, batch: real.batch })
  const deps = baseDeps('order', bindings, undefined, { now })
  const app = newApp({ worker: 'order', depsFrom: () => deps })
  const health = async () => (await call((request) => app.fetch(request, bindings), 'GET', '/health')).json
  return { ...{ state, deps, health, now, bindings } }
}

const aDeadLetter = () => ({
  ...{ _id: `order:${newId('evt')}`, worker: 'order' as const, type: 'order.paid', eventId: null, body: {}, error: 'broken' },
  ...{ attempts: 6, failedAt: 0 },
})

it('a healthy Worker says so, with the states of its circuit breakers', async () => {
  const { health } = aWorker()
  expect(await health()).toEqual({ ok: true, worker: 'order', dependencies: { database: 'closed' }, warnings: [] })
})

it('warns of waiting dead letters, and counts them at most every 5 s', async () => {
  const { health, deps, now, state } = aWorker()
  await park(deps.deadLetters, aDeadLetter())
  expect((await health()).warnings).toEqual(['1 dead letter waits'])
  for (const _ of [1, 2]) await park(deps.deadLetters, aDeadLetter())
  const { asked } = state
  now.advance(4_999)
  expect([(await health()).warnings, state.asked]).toEqual([['1 dead letter waits'], asked])
  now.advance(1)
  expect((await health()).warnings).toEqual(['3 dead letters wait'])
  await deps.deadLetters.updateMany({}, { $set: { state: 'discarded' } })
  now.advance(5_000)
  expect((await health()).warnings).toEqual([])
})

it.each(['fail', 'hang'] as const)('still answers, with a warning, when the database does not: %s', async (does) => {
  const { health, state } = aWorker()
  state.does = does
  expect(await health()).toMatchObject({ ok: true, warnings: ['The dead letters cannot be counted'] })
})

it('names an open circuit breaker, since when, why, and the consequence', async () => {
  const { health, bindings } = aWorker()
  const fail = () => Promise.reject(new TypeError('key=secret'))
  await expect(breakerOf(bindings, 'email', { failures: 1 }).run(fail)).rejects.toThrow()
  const { dependencies, warnings } = await health()
  expect(dependencies).toEqual({ database: 'closed', email: 'open' })
  expect(warnings).toEqual([
    expect.stringMatching(
      /^email failed, and its circuit breaker has been open since 20\d\d-.*Z \(TypeError\)\. Mails stay queued/,
    ),
  ])
  expect(JSON.stringify(warnings)).not.toContain('secret')
})
