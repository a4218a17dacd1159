import { beforeEach, describe, expect, it } from 'vitest'
import type { Document } from '../../shared/contracts/data'
import type { Envelope } from '../../shared/contracts/events'
import { iso, newId } from '../../shared/contracts/ids'
import { hashOf, macOf, type Row } from './row'
import { allRows, anAuditor, emptyLog, stockChanged } from './testing/fixtures'
import { verify } from './verify'

const day = 86_400_000
const auditor = anAuditor()
const { log } = auditor.deps
const { stored } = auditor
/** Three days of four rows each. */
let rows: Row[] = []
beforeEach(async () => {
  await emptyLog(auditor)
  for (let each = 0; each < 3; each++) {
    await log.append(
      Array.from({ length: 4 }, () => stockChanged()),
      auditor.clock(),
    )
    auditor.clock.advance(day)
  }
  rows = await allRows(auditor)
})

/** One of the twelve rows, counted from 1. */
const row = (number: number): Row => {
  const found = rows[number - 1]
  if (!found) throw new Error(`there is no row ${number}`)
  return found
}
const check = (only?: string, bounds?: { rowsPerPage: number; pages: number }) => verify(auditor.deps, only, undefined, bounds)
const broken = async (only?: string) => (await check(only)).firstBroken
const change = (number: number, update: Document) => stored.rows.updateOne({ _id: row(number)._id }, { $set: update })
const remove = (...numbers: number[]) => stored.rows.deleteMany({ _id: { $in: numbers.map((number) => row(number)._id) } })
const put = async (changed: Row) => {
  await stored.rows.deleteOne({ _id: changed._id })
  await stored.rows.insertOne(changed)
}
const dayOfRow = (number: number) => row(number).day

describe('an untouched log', () => {
  it('verifies, as a whole and day by day', async () => {
    expect(await check()).toEqual({ rows: 12, days: 3, firstBroken: null, next: null })
    for (const number of [1, 5, 9]) {
      expect(await check(dayOfRow(number))).toEqual({ rows: 4, days: 1, firstBroken: null, next: null })
    }
    expect(await check('2020-01-01')).toEqual({ rows: 0, days: 0, firstBroken: null, next: null })
    expect(await check(iso(auditor.clock()).slice(0, 10))).toEqual({ rows: 0, days: 0, firstBroken: null, next: null })
  })

  it('verifies while it is empty', async () => {
    await emptyLog(auditor)
    expect(await check()).toEqual({ rows: 0, days: 0, firstBroken: null, next: null })
  })

  it('is verified in parts of bounded work, each of which begins where the last one ended', async () => {
    for (const [rowsPerPage, pages] of [
      [2, 1],
      [3, 2],
      [5, 1],
      [100, 1],
    ] as const) {
      for (const only of [undefined, dayOfRow(5)]) {
        let part = await check(only, { rowsPerPage, pages })
        let parts = 1
        for (; part.next; parts++) part = await verify(auditor.deps, only, part.next, { rowsPerPage, pages })
        expect(part).toEqual({ rows: only ? 4 : 12, days: only ? 1 : 3, firstBroken: null, next: null })
        if (rowsPerPage === 2) expect(parts).toBeGreaterThan(3)
      }
    }
  })

  it('verifies while it grows', async () => {
    let part = await check(undefined, { rowsPerPage: 2, pages: 1 })
    while (part.next) {
      if (part.rows < 12) await log.append([stockChanged()], auditor.clock())
      part = await verify(auditor.deps, undefined, part.next, { rowsPerPage: 2, pages: 1 })
      expect(part.firstBroken).toBeNull()
    }
    expect(part.rows).toBeGreaterThan(12)
  })
})

describe('a tampered row', () => {
  const other: Partial<Record<keyof Row, unknown>> = {
    ...{ day: '2026-01-03', seq: 3, eventId: newId('evt'), type: 'order.paid', subject: 'var_1', userId: newId('usr') },
    ...{ recordedAt: 1, previous: 'f'.repeat(64), hash: 'f'.repeat(64) },
  }

  it.each(Object.keys(other))('is found by its %s', async (field) => {
    await change(6, { [field]: other[field as keyof Row] })
    expect(await broken()).toEqual({ id: row(6)._id, reason: 'changed' })
    expect(await broken(dayOfRow(6))).toEqual({ id: row(6)._id, reason: 'changed' })
  })

  it('is found when any byte of its event changes', async () => {
    const text = JSON.stringify(row(6).envelope)
    let tried = 0
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      const changed = text.slice(0, at) + String.fromCharCode(code ^ 1) + text.slice(at + 1)
      const envelope = parsed(changed)
      if (envelope === undefined) continue
      tried += 1
      expect(hashOf({ ...row(6), envelope }, log.mac), changed).not.toBe(row(6).hash)
    }
    expect(tried).toBeGreaterThan(400)
    await change(6, { 'envelope.data.available': 4 })
    expect(await broken()).toEqual({ id: row(6)._id, reason: 'changed' })
  })

  it('is found when a field is added or removed', async () => {
    await change(6, { surprise: null })
    expect(await broken()).toEqual({ id: row(6)._id, reason: 'changed' })
    await put(row(6))
    expect(await broken()).toBeNull()
    for (const field of ['hash', 'previous', 'subject', 'envelope.replay', 'envelope.time']) {
      await stored.rows.updateOne({ _id: row(6)._id }, { $unset: { [field]: true } })
      if (field !== 'envelope.replay') expect(await broken(), field).toEqual({ id: row(6)._id, reason: 'changed' })
      await put(row(6))
    }
  })

  it('is named first when several places are broken', async () => {
    await change(10, { subject: 'var_2' })
    await change(3, { subject: 'var_2' })
    await remove(8)
    expect(await broken()).toEqual({ id: row(3)._id, reason: 'changed' })
  })

  it('is found when its hash is recomputed under another key', async () => {
    const forger = macOf('a guess')
    const changed = { ...row(6), subject: 'var_2' }
    await put({ ...changed, hash: hashOf(changed, forger) })
    expect(await broken()).toEqual({ id: row(6)._id, reason: 'changed' })
  })

  it('is found when the whole chain after it, the days and the head are recomputed under another key', async () => {
    const forger = macOf('a guess')
    let previous = row(5).hash
    for (let number = 6; number <= 12; number++) {
      const changed = { ...row(number), ...(number === 6 ? { subject: 'var_2' } : {}), previous }
      previous = hashOf(changed, forger)
      await put({ ...changed, hash: previous })
    }
    await stored.heads.updateOne({ _id: 'log' }, { $set: { hash: previous, mac: forger({ row: row(12)._id, hash: previous }) } })
    expect(await broken()).toEqual({ id: row(6)._id, reason: 'changed' })
  })
})

describe('rows out of place', () => {
  it('are found when two are swapped', async () => {
    await remove(6, 7)
    await stored.rows.insertOne({ ...row(7), _id: row(6)._id })
    await stored.rows.insertOne({ ...row(6), _id: row(7)._id })
    expect(await broken()).toEqual({ id: row(6)._id, reason: 'changed' })
    await remove(6, 7)
    await stored.rows.insertOne({ ...row(7), _id: row(6)._id, day: row(6).day, seq: row(6).seq })
    await stored.rows.insertOne({ ...row(6), _id: row(7)._id, day: row(7).day, seq: row(7).seq })
    expect(await broken()).toEqual({ id: row(6)._id, reason: 'changed' })
  })

  it.each([1, 2, 5, 6, 8, 9, 11, 12])('are reported as missing: row %i', async (number) => {
    await remove(number)
    expect(await broken()).toEqual({ id: row(number)._id, reason: 'missing' })
    expect(await broken(dayOfRow(number))).toEqual({ id: row(number)._id, reason: 'missing' })
  })

  it.each([
    [[3, 4], 3],
    [[7, 8], 7],
    [[11, 12], 11],
  ] as const)(
    'are reported as missing at the end of a day even when its document hides them: rows %j',
    async (numbers, first) => {
      await remove(...numbers)
      await stored.days.updateOne({ _id: dayOfRow(first) }, { $set: { count: 2, head: row(first - 1).hash } })
      const found = await broken()
      // Inside the chain the next day no longer follows; at the end of the log the head shows it.
      expect(found).toEqual(
        first === 11 ? { id: row(11)._id, reason: 'missing' } : { id: row(first + 2)._id, reason: 'unchained' },
      )
      expect(await broken(dayOfRow(first))).toEqual(found)
    },
  )

  it.each([1, 5, 9])('are reported as missing when a whole day is gone, from row %i on', async (first) => {
    await remove(first, first + 1, first + 2, first + 3)
    expect(await broken()).toEqual({ id: row(first)._id, reason: 'missing' })
    await stored.days.deleteOne({ _id: dayOfRow(first) })
    const gone = first === 9 ? { id: row(9)._id, reason: 'missing' } : { id: row(first + 4)._id, reason: 'unchained' }
    expect(await broken()).toEqual(gone)
    expect(await broken(dayOfRow(first))).toEqual(gone)
  })

  it('are found when somebody inserts them', async () => {
    const forged = { ...row(12), eventId: newId('evt'), previous: 'e'.repeat(64) }
    for (const _id of [
      `${dayOfRow(12)}:000000005`,
      `${dayOfRow(4)}:000000005`,
      '2025-12-31:000000001',
      '2026-01-02:0000000021',
    ]) {
      await stored.rows.insertOne({ ...forged, _id, day: _id.slice(0, 10), seq: Number(_id.slice(11)) })
      expect(await broken()).toEqual({ id: _id, reason: 'changed' })
      await stored.rows.deleteOne({ _id })
    }
  })
})

describe('the documents of days and the head', () => {
  it.each(['count', 'head', 'previous'])('are checked: the %s of a day', async (field) => {
    await stored.days.updateOne({ _id: dayOfRow(5) }, { $set: { [field]: field === 'count' ? 3 : 'f'.repeat(64) } })
    expect(await broken()).toEqual({ id: dayOfRow(5), reason: 'day_changed' })
  })

  it.each([1, 5, 9])('are reported when missing: the document of the day of row %i', async (first) => {
    await stored.days.deleteOne({ _id: dayOfRow(first) })
    expect(await broken()).toEqual({ id: dayOfRow(first), reason: 'day_changed' })
  })

  it('are checked: a head that is changed or missing', async () => {
    for (const changed of [{ row: row(8)._id, hash: row(8).hash }, { hash: row(11).hash }, { mac: 'f'.repeat(64) }]) {
      const head = await stored.heads.findOne({ _id: 'log' })
      await stored.heads.updateOne({ _id: 'log' }, { $set: changed })
      expect(await broken()).toEqual({ id: 'head', reason: 'head_changed' })
      await stored.heads.updateOne({ _id: 'log' }, { $set: { row: head?.row, hash: head?.hash, mac: head?.mac } })
      expect(await broken()).toBeNull()
    }
    await stored.heads.deleteOne({ _id: 'log' })
    expect(await broken()).toEqual({ id: 'head', reason: 'head_changed' })
  })
})

describe('an append after tampering', () => {
  const record = () => log.append([stockChanged()], auditor.clock())

  it('leaves the gap visible where the newest rows were cut off', async () => {
    await remove(11, 12)
    await record()
    expect(await broken()).toEqual({ id: row(11)._id, reason: 'missing' })
    await stored.days.updateOne({ _id: dayOfRow(11) }, { $set: { count: 2, head: row(10).hash } })
    expect(await broken()).toEqual({ id: (await allRows(auditor)).at(-1)?._id, reason: 'unchained' })
  })

  it('does not restore a head that somebody removed to cut rows off', async () => {
    await remove(11, 12)
    await stored.days.updateOne({ _id: dayOfRow(11) }, { $set: { count: 2, head: row(10).hash } })
    await stored.heads.deleteOne({ _id: 'log' })
    await record()
    await record()
    expect(await allRows(auditor)).toHaveLength(12)
    expect(await broken()).toEqual({ id: 'head', reason: 'head_changed' })
  })

  it('does not turn a forged head into a genuine one', async () => {
    await remove(11, 12)
    await stored.heads.updateOne({ _id: 'log' }, { $set: { row: row(10)._id, hash: row(10).hash } })
    await stored.days.updateOne({ _id: dayOfRow(11) }, { $set: { count: 2, head: row(10).hash } })
    await record()
    expect(await broken()).toEqual({ id: 'head', reason: 'head_changed' })
  })
})

/** The event in a text; undefined when it is not JSON. */
function parsed(text: string): Row['envelope'] | undefined {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

it('verifies rows of the largest size, of which few fit into one answer of the database', async () => {
  const large = (): Envelope => ({ ...stockChanged(), source: `/workers/${'x'.repeat(125_000)}` }) as unknown as Envelope
  for (let batch = 0; batch < 6; batch++) {
    await auditor.deps.log.append(Array.from({ length: 50 }, large), auditor.clock())
  }
  expect(await check()).toMatchObject({ rows: 312, firstBroken: null, next: null })
})
