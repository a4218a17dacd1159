import { describe, expect, it } from 'vitest'
import type { DeadLetter } from '../../shared/contracts/audit'
import { events } from '../../shared/contracts/events'
import { iso, newId } from '../../shared/contracts/ids'
import { routeBattery } from '../../shared/testing/battery'
import { aCanceledOrder, anActor } from '../../shared/testing/factories'
import { call } from '../../shared/testing/http'
import { app } from './routes'
import { allRows, anAuditor, asking, emptyLog, stockChanged } from './testing/fixtures'

const auditor = anAuditor()
const admin = anActor('admin')
const ask = asking(auditor, { actor: admin })
const access = ['admin'] as const
const shared = 'all operators share all dead letters and replays'
const id = `order:${newId('evt')}`
const key = { 'idempotency-key': 'the-key' }
const works = async (verb: string) => ({ path: `/v1/dead-letters/${await auditor.parked('order', aCanceledOrder())}/${verb}` })
const replay = { to: 'product', from: '2026-01-01T00:00:00Z', until: '2026-01-02T00:00:00Z', types: ['stock.changed'] }

routeBattery(app, auditor.fetch, [
  { route: 'GET /v1/audit', access, path: '/v1/audit' },
  { route: 'GET /v1/audit/verify', access, path: '/v1/audit/verify' },
  { route: 'GET /v1/dev/events', access: 'public', path: '/v1/dev/events' },
  {
    route: 'POST /v1/events/replay',
    access,
    path: '/v1/events/replay',
    headers: key,
    body: replay,
    works: async () => ({ other: { ...replay, types: undefined } }),
  },
  { route: 'GET /v1/events/replays/{id}', access, path: `/v1/events/replays/${newId('rpl')}`, shared },
  { route: 'GET /v1/dead-letters', access, path: '/v1/dead-letters' },
  { route: 'GET /v1/dead-letters/{id}', access, path: `/v1/dead-letters/${id}`, shared },
  {
    ...{ route: 'POST /v1/dead-letters/redrive', access, path: '/v1/dead-letters/redrive' },
    body: { worker: 'order', type: 'order.paid' },
    works: async () => ({ other: {} }),
  },
  {
    route: 'POST /v1/dead-letters/{id}/redrive',
    access,
    path: `/v1/dead-letters/${id}/redrive`,
    shared,
    works: () => works('redrive'),
  },
  {
    ...{ route: 'POST /v1/dead-letters/{id}/discard', access, path: `/v1/dead-letters/${id}/discard`, shared },
    body: { reason: 'obsolete' },
    works: async () => ({ ...(await works('discard')), other: { reason: 'another' } }),
  },
])

describe('the log', () => {
  const items = async (query: string) => {
    const { status, json } = await ask('GET', `/v1/audit?${query}`)
    expect(status, JSON.stringify(json)).toBe(200)
    return json.items.map((item: { eventId: string }) => item.eventId)
  }

  it('is read newest first, page by page, and filtered by type, subject, user and time', async () => {
    await emptyLog(auditor)
    const seller = newId('usr')
    const recorded = [stockChanged(1, seller), aCanceledOrder(), stockChanged(), stockChanged(2, seller), aCanceledOrder()]
    const times: string[] = []
    for (const event of recorded) {
      await auditor.deps.log.append([event], auditor.clock())
      times.push(iso(auditor.clock()))
      auditor.clock.advance(20 * 3_600_000)
    }
    const [a, b, c, d, e] = recorded.map((event) => event.id)
    expect(await items('')).toEqual([e, d, c, b, a])
    expect(await items('type=order.canceled')).toEqual([e, b])
    expect(await items('type=order.canceled&type=stock.changed')).toEqual([e, d, c, b, a])
    expect(await items(`userId=${seller}`)).toEqual([d, a])
    expect(await items(`subject=${recorded[2]?.subject}`)).toEqual([c])
    expect(await items(`from=${times[1]}&until=${times[3]}`)).toEqual([c, b])
    expect(await items(`from=${times[4]}`)).toEqual([e])
    expect(await items(`until=${times[1]}`)).toEqual([a])
    expect(await items(`from=${encodeURIComponent('2026-01-01T01:00:00+01:00')}&until=2026-01-01T00:00:00.001Z`)).toEqual([a])

    const seen: string[] = []
    let cursor = ''
    for (let pages = 1; ; pages++) {
      const { json } = await ask('GET', `/v1/audit?limit=2&type=stock.changed${cursor}`)
      seen.push(...json.items.map((item: { eventId: string }) => item.eventId))
      if (json.nextCursor === null) break
      cursor = `&cursor=${json.nextCursor}`
      expect(pages).toBeLessThan(3)
    }
    expect(seen).toEqual([d, c, a])
    const [row] = (await ask('GET', '/v1/audit?limit=1')).json.items
    const stored = (await allRows(auditor)).at(-1)
    expect(row).toEqual({
      ...{ id: stored?._id, eventId: e, type: 'order.canceled', subject: recorded[4]?.subject, userId: stored?.userId },
      ...{ recordedAt: times[4], event: recorded[4], previous: stored?.previous, hash: stored?.hash },
    })
  })

  it('refuses malformed filters and cursors', async () => {
    for (const query of [
      'type=nonsense',
      'subject=%00',
      'userId=1',
      'from=yesterday',
      'until=2026-01-01',
      'cursor=bm8',
      'limit=0',
    ])
      expect((await ask('GET', `/v1/audit?${query}`)).status, query).toBe(422)
    for (const query of ['day=monday', 'day=2026-02-30', `cursor=${btoa('["zzz",1,1]')}`])
      expect((await ask('GET', `/v1/audit/verify?${query}`)).status, query).toBe(422)
  })

  it('is verified, and the answer names the row that was tampered with', async () => {
    await emptyLog(auditor)
    await auditor.deps.log.append([stockChanged(), stockChanged()], auditor.clock())
    const [first, second] = await allRows(auditor)
    expect((await ask('GET', '/v1/audit/verify')).json).toEqual({ ok: true, rows: 2, days: 1, firstBroken: null, next: null })
    await auditor.stored.rows.updateOne({ _id: second?._id }, { $set: { 'envelope.data.available': 4 } })
    const broken = { ok: false, rows: 1, days: 1, firstBroken: { id: second?._id, reason: 'changed' }, next: null }
    expect((await ask('GET', '/v1/audit/verify')).json).toEqual(broken)
    expect((await ask('GET', `/v1/audit/verify?day=${first?.day}`)).json).toEqual(broken)
  })
})

describe('dead letters', () => {
  it('of all Workers form one list, newest first, page by page', async () => {
    const { parked, clock } = auditor
    await auditor.deadLetters('order').deleteMany({})
    const ids: string[] = []
    for (const worker of ['order', 'payment', 'order', 'cart'] as const) {
      ids.unshift(await parked(worker, worker === 'cart' ? stockChanged() : aCanceledOrder()))
      clock.advance(1)
    }
    // Two in the same millisecond, which sort by their ids.
    const [x, y] = [await parked('payment', aCanceledOrder()), await parked('product', aCanceledOrder())]
    ids.unshift(...[x, y].sort().reverse())
    const list = async (query: string) => {
      const { status, json } = await ask('GET', `/v1/dead-letters?${query}`)
      expect(status).toBe(200)
      return json
    }
    const idsOf = ({ items }: { items: { id: string }[] }) => items.map((item) => item.id)
    expect(idsOf(await list(''))).toEqual(ids)
    const seen: string[] = []
    let query = 'limit=2'
    for (let page = await list(query); ; page = await list(query)) {
      seen.push(...idsOf(page))
      if (page.nextCursor === null) break
      query = `limit=2&cursor=${page.nextCursor}`
    }
    expect(seen).toEqual(ids)
    expect(idsOf(await list('worker=order'))).toEqual(ids.filter((each) => each.startsWith('order:')))
    expect(idsOf(await list('type=stock.changed'))).toEqual(ids.filter((each) => each.startsWith('cart:')))
    expect(idsOf(await list('state=redriven'))).toEqual([])
    expect((await list('limit=1')).items[0]).not.toHaveProperty('body')
    for (const bad of ['worker=gateway', 'worker=nobody', 'type=x', 'state=lost', 'cursor=x'])
      expect((await ask('GET', `/v1/dead-letters?${bad}`)).status, bad).toBe(422)
  })

  it('are read with their message; a malformed id is not found', async () => {
    const event = aCanceledOrder()
    const deadLetterId = await auditor.parked('order', event)
    expect((await ask('GET', `/v1/dead-letters/${deadLetterId}`)).json).toMatchObject({
      ...{
        id: deadLetterId,
        worker: 'order',
        type: 'order.canceled',
        eventId: event.id,
        state: 'waiting',
        settled: null,
        parked: 1,
      },
      body: event,
    })
    for (const bad of [
      'order',
      'order:',
      'gateway:evt_1',
      'order:a/b',
      `order:${'x'.repeat(101)}`,
      'order:%00',
      'order:.x',
      'x:order:1',
    ])
      expect((await ask('GET', `/v1/dead-letters/${bad}`)).status, bad).toBe(404)
  })

  it('are redriven together at a path that answers GET with 405', async () => {
    const { status, json, headers } = await ask('GET', '/v1/dead-letters/redrive')
    expect([status, json.code, headers.get('allow')]).toEqual([405, 'method_not_allowed', 'POST'])
  })

  it('are discarded with a reason, which they and the log keep', async () => {
    await emptyLog(auditor)
    const deadLetterId = await auditor.parked('order', aCanceledOrder())
    const path = `/v1/dead-letters/${deadLetterId}/discard`
    for (const body of [{}, { reason: '' }, { reason: 'two\nlines' }]) expect((await ask('POST', path, body)).status).toBe(422)
    const resolution = { by: admin.userId, at: expect.any(String), reason: 'a test order' }
    expect(await ask('POST', path, { reason: 'a test order' })).toMatchObject({
      status: 200,
      json: { state: 'discarded', settled: resolution },
    })
    expect((await ask('POST', path, { reason: 'again' })).json.code).toBe('invalid_state')
    expect((await ask('POST', `/v1/dead-letters/${deadLetterId}/redrive`)).json.code).toBe('invalid_state')
    const rows = await allRows(auditor)
    expect(rows.map(({ type, subject, userId }) => ({ type, subject, userId }))).toEqual([
      { type: 'dead_letters.discarded', subject: deadLetterId, userId: admin.userId },
    ])
    expect(rows[0]?.envelope.data).toMatchObject({ worker: 'order', deadLetterId, reason: 'a test order' })
    expect((await auditor.deadLetters('order').findOne({ _id: deadLetterId })) as DeadLetter).toMatchObject({
      state: 'discarded',
    })
  })
})

describe('GET /v1/dev/events', () => {
  it('gives the events of a local run once each, newest first, page by page, with the Workers that they go to', async () => {
    await emptyLog(auditor)
    const [first, second] = [stockChanged(), aCanceledOrder()]
    const times: number[] = []
    for (const event of [first, second, first]) {
      times.push(auditor.clock())
      await auditor.deps.log.append([event], auditor.clock())
      auditor.clock.advance(1_000)
    }
    const { json } = await call(auditor.fetch, 'GET', '/v1/dev/events?limit=1')
    expect(json.items).toEqual([{ ...second, to: [...events['order.canceled'].to], seenAt: times[1] }])
    expect((await call(auditor.fetch, 'GET', `/v1/dev/events?limit=1&cursor=${json.nextCursor}`)).json).toEqual({
      items: [{ ...first, to: [...events['stock.changed'].to], seenAt: times[0] }],
      nextCursor: null,
    })
    expect((await call(auditor.fetch, 'GET', '/v1/dev/events?cursor=bm8')).status).toBe(422)
  })

  it('does not exist in production, not even for an operator', async () => {
    const inProduction = (request: Request) => app.fetch(request, { ...auditor.env, ENVIRONMENT: 'production' } as AuditEnv)
    const { status, json } = await call(inProduction, 'GET', '/v1/dev/events', { actor: admin })
    expect([status, json.code]).toEqual([404, 'not_found'])
  })
})
