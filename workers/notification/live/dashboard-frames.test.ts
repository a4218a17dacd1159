import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { exports } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { migrate } from '../../../shared/storage/migrations'
import { aWorld } from '../testing/fixtures'
import { keepFor, keepFrames } from './frame-log'
import type { NewFrame } from './live'
import { migrations } from './migrations'

const time = '2026-01-01T00:00:00.000Z'
const rpc = exports.NotificationRpc

const cartFrames = (count: number, prefix = 'cart'): NewFrame[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ key: `${prefix}${index + 1}`, type: 'cart.updated' as const, time, data: { key: `${prefix}${index + 1}` } },
  }))
const dashboardFrame = (number: number) => ({
  ...{ key: `dashboard:${number}`, time, data: { changed: number }, whole: { all: number } },
})
type Device = { frames: { seq: number; type: string; data: Record<string, unknown> }[] }
const contentOf = ({ frames }: Device) => frames.map(({ seq, data }) => [seq, data])

describe('dashboard frames', () => {
  it('show open devices what changed, in order, each key once', async () => {
    const world = aWorld()
    const seller = world.person('seller')
    const device = await world.device(seller)
    for (const number of [1, 2, 1, 2, 3]) await rpc.showDashboard(seller.userId, dashboardFrame(number))
    await device.frame('dashboard.updated', ({ changed }) => changed === 3)
    expect(device.frames.map(({ type, seq, data }) => [type, seq, data])).toEqual(
      [1, 2, 3].map((number) => ['dashboard.updated', number, { changed: number }]),
    )
  })

  it('give a device that was away only the whole of the newest one, in order with the other frames that it missed', async () => {
    const world = aWorld()
    const seller = await world.returner()
    const stub = world.stub(seller)
    const [first, second, third] = cartFrames(3)
    if (!first || !second || !third) throw new Error('no frames')
    await stub.push([first])
    await rpc.showDashboard(seller.userId, dashboardFrame(1))
    await stub.push([second])
    await rpc.showDashboard(seller.userId, dashboardFrame(2))
    await stub.push([third])
    await evictDurableObject(stub)
    const missed: [number, object][] = [
      [1, { key: 'cart1' }],
      [3, { key: 'cart2' }],
      [4, { all: 2 }],
      [5, { key: 'cart3' }],
    ]
    // One of these devices has seen the frame that was replaced since.
    for (const last of [0, 1, 2, 3]) {
      const device = await world.device(seller, last)
      await device.frame('cart.updated', ({ key }) => key === 'cart3')
      expect(contentOf(device)).toEqual(missed.filter(([seq]) => seq > last))
    }
    const complete = await world.device(seller, 5)
    await rpc.showDashboard(seller.userId, dashboardFrame(3))
    await complete.frame('dashboard.updated')
    expect(contentOf(complete)).toEqual([[6, { changed: 3 }]])
  })

  it(`do not displace any of the ${keepFrames} other frames in the log, and do not hide a gap in it`, async () => {
    const world = aWorld()
    const seller = await world.returner()
    const stub = world.stub(seller)
    await stub.push(cartFrames(keepFrames))
    const many = Array.from({ length: keepFrames }, (_, index) => dashboardFrame(index + 1))
    await stub.push(many.map((frame) => ({ type: 'dashboard.updated', ...frame })))
    const away = await world.device(seller, 0)
    await away.frame('dashboard.updated')
    expect(away.frames.map(({ seq }) => seq)).toEqual([
      ...Array.from({ length: keepFrames }, (_, index) => index + 1),
      2 * keepFrames,
    ])
    await stub.push(cartFrames(2, 'late'))
    const late = await world.device(seller, 2)
    await late.frame('cart.updated', ({ key }) => key === 'late2')
    expect(late.frames.map(({ seq }) => seq)).toEqual([
      ...Array.from({ length: keepFrames - 2 }, (_, index) => index + 3),
      ...[2 * keepFrames, 2 * keepFrames + 1, 2 * keepFrames + 2],
    ])
    const lost = await world.device(seller, 1)
    expect((await lost.frame('resync')).seq).toBe(2 * keepFrames + 2)
    expect(lost.frames).toHaveLength(1)
  })

  it('expire after a day, before and after the alarm, together with all frames before them', async () => {
    const world = aWorld()
    const seller = await world.returner()
    const stub = world.stub(seller)
    await stub.push(cartFrames(1))
    await rpc.showDashboard(seller.userId, dashboardFrame(1))
    await runInDurableObject(stub, (_instance, { storage }) => {
      storage.sql.exec('UPDATE frames SET at = at - ?', keepFor)
    })
    await stub.push(cartFrames(1, 'new'))
    for (const rung of [false, true]) {
      if (rung) await runDurableObjectAlarm(stub)
      expect((await (await world.device(seller, 1)).frame('resync')).seq).toBe(3)
      const device = await world.device(seller, 2)
      await device.frame('cart.updated')
      expect(contentOf(device)).toEqual([[3, { key: 'new1' }]])
    }
  })

  it('continue a log from before dashboard frames existed', async () => {
    const world = aWorld()
    const seller = world.person('seller')
    const stub = world.stub(seller)
    await runInDurableObject(stub, (_instance, { storage }) => {
      migrate(storage, migrations.slice(0, 2))
      storage.sql.exec('UPDATE counter SET newest = 12')
      storage.sql.exec('INSERT INTO opened (at) VALUES (0)')
      for (const seq of [11, 12])
        storage.sql.exec("INSERT INTO frames VALUES (?, 'cart.updated', ?, ?, ?)", seq, time, '{"old":true}', Date.now())
    })
    await evictDurableObject(stub)
    await rpc.showDashboard(seller.userId, dashboardFrame(1))
    const device = await world.device(seller, 10)
    await device.frame('dashboard.updated')
    expect(device.frames.map(({ seq }) => seq)).toEqual([11, 12, 13])
    expect((await (await world.device(seller, 9)).frame('resync')).seq).toBe(13)
  })
})
