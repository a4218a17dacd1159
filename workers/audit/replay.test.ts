import { beforeEach, describe, expect, it } from 'vitest'
import type { Envelope } from '../../shared/contracts/events'
import { iso, newId } from '../../shared/contracts/ids'
import { maxCalls } from '../../shared/testing/data'
import { aCanceledOrder, anActor } from '../../shared/testing/factories'
import { call } from '../../shared/testing/http'
import { readReplay, resumeReplays, startReplay } from './replay'
import { allRows, anAuditor, emptyLog, stockChanged } from './testing/fixtures'

let auditor = anAuditor()
const by = newId('usr')
beforeEach(async () => {
  auditor = anAuditor()
  await emptyLog(auditor)
})

const ids = () => ({ replay: newId('rpl'), event: newId('evt') })
const everything = () => ({ to: 'product' as const, from: 0, until: auditor.clock() + 1, by })
const sent = () => auditor.inbox('product').messages as Envelope[]
const idsOf = (events: readonly Envelope[]) => events.map(({ id }) => id)

/** Records this many stock changes, with other events in between. */
async function history(count: number): Promise<Envelope[]> {
  const events = Array.from({ length: count }, () => stockChanged())
  for (let at = 0; at < count; at += 100) {
    await auditor.deps.log.append([...events.slice(at, at + 100), aCanceledOrder()], auditor.clock())
    auditor.clock.advance(3_600_000)
  }
  return events
}

/** Sweeps, a minute apart, until the replay is done. */
async function finish(id: `rpl_${string}`): Promise<number> {
  for (let sweeps = 0; sweeps < 50; sweeps++) {
    if ((await readReplay(auditor.deps, id)).status === 'done') return sweeps
    auditor.clock.advance(60_000)
    await resumeReplays(auditor.deps).catch(() => {})
  }
  throw new Error('the replay is still running')
}

describe('a replay', () => {
  it('sends the events that the Worker handles, in log order, under their own ids, marked with the replay', async () => {
    const events = await history(7)
    const { replay, event } = ids()
    const done = await startReplay(auditor.deps, { replay, event }, everything())
    expect(done).toMatchObject({ _id: replay, status: 'done', sent: 7, types: ['stock.changed'], finishedAt: auditor.clock() })
    expect(sent()).toEqual(events.map((each) => ({ ...each, replay })))
  })

  it('sends only what was recorded in its time span', async () => {
    const [before, first, last, after] = [stockChanged(), stockChanged(), stockChanged(), stockChanged()]
    const times: number[] = []
    for (const event of [before, first, last, after]) {
      times.push(auditor.clock())
      await auditor.deps.log.append([event], auditor.clock())
      auditor.clock.advance(14 * 3_600_000)
    }
    const [, from = 0, , until = 0] = times
    await startReplay(auditor.deps, ids(), { ...everything(), from, until })
    expect(idsOf(sent())).toEqual(idsOf([first, last]))
  })

  it('is recorded before it sends anything, and does not send what is recorded later', async () => {
    await history(1)
    const { replay, event } = ids()
    auditor.inbox('product').down = true
    const until = auditor.clock() + 86_400_000
    expect(await startReplay(auditor.deps, { replay, event }, { ...everything(), until })).toMatchObject({
      status: 'running',
      sent: 0,
    })
    expect((await allRows(auditor)).at(-1)).toMatchObject({
      ...{ eventId: event, type: 'events.replayed', subject: replay, userId: by },
      envelope: {
        data: { to: 'product', from: iso(0), until: iso(auditor.clock()), types: ['stock.changed'], by, replayId: replay },
      },
    })
    await auditor.deps.log.append([stockChanged()], auditor.clock())
    auditor.inbox('product').down = false
    await finish(replay)
    expect(sent()).toHaveLength(1)
  })

  it('of many events continues in sweeps, each with a bounded amount of work', async () => {
    const events = await history(1_730)
    const { replay, event } = ids()
    auditor.store.calls = 0
    expect(await startReplay(auditor.deps, { replay, event }, everything())).toMatchObject({ status: 'running', sent: 400 })
    expect(auditor.store.calls + auditor.inbox('product').sends).toBeLessThanOrEqual(maxCalls / 2)
    auditor.store.calls = 0
    auditor.inbox('product').sends = 0
    await resumeReplays(auditor.deps)
    expect(await readReplay(auditor.deps, replay)).toMatchObject({ status: 'running', sent: 1_400 })
    expect(auditor.store.calls + auditor.inbox('product').sends).toBeLessThanOrEqual(maxCalls)
    expect(await finish(replay)).toBe(1)
    expect(idsOf(sent())).toEqual(idsOf(events))
    expect(await readReplay(auditor.deps, replay)).toMatchObject({ sent: 1_730 })
  })

  it('keeps a page within the size of one send', async () => {
    const large = Array.from(
      { length: 5 },
      () => ({ ...stockChanged(), source: `/workers/${'x'.repeat(100_000)}` }) as unknown as Envelope,
    )
    await auditor.deps.log.append(large, auditor.clock())
    auditor.clock.advance(1)
    const { replay, event } = ids()
    await startReplay(auditor.deps, { replay, event }, everything())
    expect(auditor.inbox('product').sends).toBe(4)
    await finish(replay)
    expect([idsOf(sent()), auditor.inbox('product').sends]).toEqual([idsOf(large), 5])
  })

  it.each([1, 2, 3, 4, 5, 6, 7])('that breaks off at call %i sends at most one page twice and skips none', async (at) => {
    const events = await history(250)
    const { replay, event } = ids()
    const { documents, replays, log } = auditor.deps
    let calls = 0
    const crash = async <T>(work: () => Promise<T>): Promise<T> => {
      calls += 1
      if (calls === at) throw new Error('a crash before')
      const result = await work()
      if (calls === at + 1 && at % 2 === 0) throw new Error('a crash after')
      return result
    }
    const inbox = auditor.inbox('product')
    const breaking = {
      ...auditor.deps,
      documents: { ...documents, batch: ((planned) => crash(() => documents.batch(planned))) as typeof documents.batch },
      replays: {
        ...replays,
        add: (...args: Parameters<typeof replays.add>) => crash(() => replays.add(...args)),
        lock: (...args: Parameters<typeof replays.lock>) => crash(() => replays.lock(...args)),
      },
      log: { ...log, append: (...args: Parameters<typeof log.append>) => crash(() => log.append(...args)) },
      consumerOf: (worker: Parameters<typeof auditor.deps.consumerOf>[0]) => ({
        ...auditor.deps.consumerOf(worker),
        inbox: { sendBatch: (batch: Parameters<typeof inbox.sendBatch>[0]) => crash(() => inbox.sendBatch(batch)) },
      }),
    }
    await startReplay(breaking, { replay, event }, everything()).catch(() => {})
    // The operator's client repeats the request under its key, as after any server error.
    await startReplay(auditor.deps, { replay, event }, everything())
    await finish(replay)
    expect([...new Set(idsOf(sent()))].sort()).toEqual(idsOf(events).sort())
    expect(sent().length).toBeLessThanOrEqual(350)
    expect((await allRows(auditor)).filter(({ type }) => type === 'events.replayed')).toHaveLength(1)
  })

  it('is continued by one sweep at a time', async () => {
    await history(1_000)
    const { replay, event } = ids()
    await startReplay(auditor.deps, { replay, event }, everything())
    await Promise.all([1, 2, 3].map(() => resumeReplays(auditor.deps)))
    expect([sent().length, new Set(idsOf(sent())).size]).toEqual([1_000, 1_000])
  })
})

it('is not set back by a slow sweep that lost its lock', async () => {
  await history(700)
  const { replay, event } = ids()
  const inbox = auditor.inbox('product')
  inbox.down = true
  await startReplay(auditor.deps, { replay, event }, everything())
  inbox.down = false
  auditor.clock.advance(60_000)
  let overtaken = false
  const slow = async (batch: Parameters<typeof inbox.sendBatch>[0]) => {
    await inbox.sendBatch(batch)
    if (overtaken) return
    overtaken = true
    auditor.clock.advance(60_000)
    await resumeReplays(auditor.deps)
  }
  const consumerOf = (worker: Parameters<typeof auditor.deps.consumerOf>[0]) => ({
    ...auditor.deps.consumerOf(worker),
    inbox: { sendBatch: slow },
  })
  await resumeReplays({ ...auditor.deps, consumerOf })
  expect(await readReplay(auditor.deps, replay)).toMatchObject({ status: 'done', sent: 700 })
  // The slow sweep sent its one page a second time, and noticed then that it had lost the lock.
  expect(sent()).toHaveLength(800)
})

describe('POST /v1/events/replay', () => {
  const admin = anActor('admin')
  const body = { to: 'product', from: '2025-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z' }
  const post = (given: object, key = newId('req') as string) =>
    call(auditor.fetch, 'POST', '/v1/events/replay', { actor: admin, body: given, headers: { 'idempotency-key': key } })

  it('starts one replay per idempotency key and answers its progress', async () => {
    await history(3)
    const first = await post(body, 'once')
    expect(first).toMatchObject({ status: 202, json: { to: 'product', types: ['stock.changed'], status: 'done', sent: 3 } })
    expect((await post(body, 'once')).json).toEqual(first.json)
    expect(sent()).toHaveLength(3)
    const { id } = first.json
    expect(await call(auditor.fetch, 'GET', `/v1/events/replays/${id}`, { actor: admin })).toMatchObject({
      status: 200,
      json: first.json,
    })
    expect((await call(auditor.fetch, 'GET', `/v1/events/replays/${newId('rpl')}`, { actor: admin })).status).toBe(404)
  })

  it('refuses Workers whose handlers do more than keep state', async () => {
    for (const to of ['payment', 'notification', 'order', 'inventory', 'cart', 'audit', 'gateway']) {
      const { status, json } = await post({ ...body, to })
      expect([to, status, json.code]).toEqual([to, 409, 'replay_refused'])
    }
    expect(await allRows(auditor)).toEqual([])
  })

  it('refuses types that the Worker does not handle, and empty or malformed time spans', async () => {
    for (const wrong of [
      { types: ['order.paid'] },
      { types: [] },
      { until: body.from },
      { from: 'yesterday' },
      { to: 'nobody' },
    ]) {
      const { status, json } = await post({ ...body, ...wrong })
      expect([status, json.errors[0].path]).toEqual([422, Object.keys(wrong)[0]])
    }
  })
})
