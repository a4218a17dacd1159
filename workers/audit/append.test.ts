import { beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../shared/contracts/errors'
import type { Envelope } from '../../shared/contracts/events'
import { newId } from '../../shared/contracts/ids'
import type { Planned } from '../../shared/storage/documents'
import { aCanceledOrder, anEvent } from '../../shared/testing/factories'
import { deliver } from '../../shared/testing/queue'
import { logOf } from './append'
import worker from './index'
import { beginning, hashOf } from './row'
import { allRows, anAuditor, emptyLog, stockChanged } from './testing/fixtures'
import { verify } from './verify'

const day = 86_400_000
let auditor = anAuditor()
beforeEach(async () => {
  auditor = anAuditor()
  await emptyLog(auditor)
})

const append = (...events: Envelope[]) => auditor.deps.log.append(events, auditor.clock())
const some = (count: number) => Array.from({ length: count }, () => stockChanged())
const ids = async () => (await allRows(auditor)).map(({ _id }) => _id)
const sound = async () => (await verify(auditor.deps, undefined, undefined)).firstBroken

describe('the log', () => {
  it('chains rows in the order in which events arrive, also across days', async () => {
    const [first, second, third] = [stockChanged(), stockChanged(), aCanceledOrder()]
    await append(first, second)
    auditor.clock.advance(day)
    await append(third)
    const rows = await allRows(auditor)
    expect(rows.map(({ _id, eventId }) => [_id, eventId])).toEqual([
      ['2026-01-01:000000001', first.id],
      ['2026-01-01:000000002', second.id],
      ['2026-01-02:000000001', third.id],
    ])
    expect(rows.map(({ previous }) => previous)).toEqual([beginning.hash, rows[0]?.hash, rows[1]?.hash])
    for (const row of rows) expect(row.hash).toBe(hashOf(row, auditor.deps.log.mac))
    expect(rows[2]).toMatchObject({
      type: 'order.canceled',
      subject: third.subject,
      envelope: third,
      recordedAt: auditor.clock(),
    })
    expect(await auditor.stored.days.find({}, { sort: { _id: 1 } })).toEqual([
      { _id: '2026-01-01', count: 2, head: rows[1]?.hash, previous: beginning.hash },
      { _id: '2026-01-02', count: 1, head: rows[2]?.hash, previous: rows[1]?.hash },
    ])
  })

  it('names the user who acted, or else the user whom the event is about', async () => {
    const [by, userId, orderId] = [newId('usr'), newId('usr'), newId('ord')]
    const attempt = { version: 1, account: 'digest', userId: null, address: '::1' }
    await append(
      anEvent('user.role_changed', userId, { version: 2, userId, role: 'admin', previous: 'buyer', by }),
      anEvent('order.canceled', orderId, { ...aCanceledOrder().data, orderId, buyerId: userId }),
      anEvent('user.sign_in_failed', 'digest', attempt),
      stockChanged(1, by),
    )
    expect((await allRows(auditor)).map((row) => row.userId)).toEqual([by, userId, null, by])
  })

  it('records a whole batch of messages with one read and one write', async () => {
    const events = some(100)
    auditor.store.calls = 0
    const result = await deliver(worker.queue, auditor.env, 'audit', events)
    expect([result.acked.length, result.retried]).toEqual([100, []])
    expect(auditor.store.calls).toBe(2)
    expect((await allRows(auditor)).map(({ eventId }) => eventId)).toEqual(events.map(({ id }) => id))
    expect(await sound()).toBeNull()
  })

  it('records an event once, however often it is delivered and with whichever other events', async () => {
    const [first, second, third] = [stockChanged(), stockChanged(), stockChanged()]
    await append(first, second)
    await append(second, third, third, first)
    await append(first)
    expect((await allRows(auditor)).map(({ eventId }) => eventId)).toEqual([first.id, second.id, third.id])
    expect(await sound()).toBeNull()
  })

  it('stays one chain when many append at once, even around midnight', async () => {
    auditor.clock.advance(day - 1)
    const shared = stockChanged()
    await Promise.all(
      Array.from({ length: 24 }, (_, index) => auditor.deps.log.append([...some(3), shared], auditor.clock() + (index % 2))),
    )
    const rows = await allRows(auditor)
    expect([rows.length, new Set(rows.map(({ previous }) => previous)).size]).toEqual([73, 73])
    expect(rows.filter(({ eventId }) => eventId === shared.id)).toHaveLength(1)
    expect(await sound()).toBeNull()
  })

  it('never begins a day again when a clock runs backwards', async () => {
    auditor.clock.advance(day)
    await append(stockChanged())
    auditor.clock.advance(-2 * day)
    await append(stockChanged())
    expect(await ids()).toEqual(['2026-01-02:000000001', '2026-01-02:000000002'])
    expect(await sound()).toBeNull()
  })

  it('parks a replayed event instead of recording it', async () => {
    const again = { ...stockChanged(), replay: newId('rpl') }
    expect(await deliver(worker.queue, auditor.env, 'audit', [again])).toEqual({ acked: ['m0'], retried: [] })
    expect(await allRows(auditor)).toEqual([])
    expect(await auditor.deadLetters('audit').findOne({ eventId: again.id })).toMatchObject({
      state: 'waiting',
      type: 'stock.changed',
    })
  })
})

describe('a crash in the middle of an append', () => {
  /** A log whose writes break off after this many operations. */
  const breaking = (after: number) => {
    const { log } = auditor.deps
    const write = async (planned: readonly Planned[]) => {
      await log.write(planned.slice(0, after))
      throw new AppError('unavailable')
    }
    return logOf({ ...log, write }, log.mac)
  }

  it.each([1, 2, 3, 4, 5])(
    'after operation %i loses no event, duplicates none and does not look like tampering',
    async (after) => {
      const events = some(3)
      await expect(breaking(after).append(events, auditor.clock())).rejects.toMatchObject({ code: 'unavailable' })
      expect(await sound()).toBeNull()
      // Delivered again together with other events, and partly a day later.
      auditor.clock.advance(day)
      await append(...events.slice(1), stockChanged())
      await append(...events, stockChanged())
      const rows = await allRows(auditor)
      expect(new Set(rows.map(({ eventId }) => eventId)).size).toBe(5)
      expect(rows).toHaveLength(5)
      expect(await sound()).toBeNull()
      for (const { _id, count } of await auditor.stored.days.find({})) {
        expect(rows.filter((row) => row.day === _id)).toHaveLength(count)
      }
    },
  )

  it('is completed by the next append, even for a day that is over', async () => {
    await append(...some(2))
    await expect(breaking(1).append(some(3), auditor.clock())).rejects.toThrow()
    expect(await auditor.stored.days.find({})).toMatchObject([{ count: 2 }])
    auditor.clock.advance(day)
    await expect(breaking(3).append(some(1), auditor.clock())).rejects.toThrow()
    await append()
    expect(await auditor.stored.days.find({}, { sort: { _id: 1 } })).toMatchObject([{ count: 5 }, { count: 1 }])
    expect(await sound()).toBeNull()
  })
})

it('records the rest of a batch when one event can never be recorded', async () => {
  const { log } = auditor.deps
  const events = some(9)
  const bad = events[4]
  const picky = logOf(
    {
      ...log,
      write: async (planned) => {
        if (JSON.stringify(planned).includes(String(bad?.id))) throw new AppError('data_invalid')
        await log.write(planned)
      },
    },
    log.mac,
  )
  const results = await Promise.allSettled(events.map((event) => picky.record(event, auditor.clock())))
  expect(results.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([4])
  expect(await allRows(auditor)).toHaveLength(8)
})

it('fails a whole batch after one attempt when the database is unavailable', async () => {
  const { log } = auditor.deps
  let attempts = 0
  const down = logOf(
    {
      ...log,
      end: async () => {
        attempts += 1
        throw new AppError('unavailable')
      },
    },
    log.mac,
  )
  const results = await Promise.allSettled(some(8).map((event) => down.record(event, auditor.clock())))
  expect(results.every(({ status }) => status === 'rejected')).toBe(true)
  expect(attempts).toBe(1)
})
