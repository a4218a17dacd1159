import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { iso, newId, type UserId } from '../../shared/contracts/ids'
import type { DashboardFrame } from '../../shared/contracts/notification'
import type { DashboardDO } from './dashboard.do'
import { figures } from './figures'
import { frameInterval, type Shown } from './live'
import { aDashboard, alarmOf, anOrder, aSoldLine, aView, farAhead, replayed, runAlarm, stubOf } from './testing/fixtures'

const day = 24 * 3_600_000
const today = { from: iso(farAhead - day / 2), until: iso(farAhead + day / 2) }

/** The figures of a frame. */
const namesOf = (frame?: DashboardFrame) => Object.keys((frame?.data as Partial<Shown>)?.figures ?? {})

/** A seller's dashboard, and functions that send it a view or an order. */
async function aSeller() {
  const dashboard = await aDashboard()
  const seller = dashboard.owner as UserId
  const sell = (price: number) => dashboard.stub.ingest([anOrder([aSoldLine(seller, { price })]).paid(dashboard.clock())])
  const view = () => dashboard.stub.ingest([aView(seller, dashboard.clock())])
  return { ...dashboard, seller, sell, view }
}

describe("a seller's devices", () => {
  it('get the changed figures of today, and all figures at first', async () => {
    const { owner, clock, devices, sell, view } = await aSeller()
    await sell(1000)
    expect(await alarmOf(owner)).toBe(clock())
    await runAlarm(owner)
    const [first] = devices.shown
    expect(first).toMatchObject({ time: iso(clock()), data: { range: today, currency: 'USD' } })
    expect(first?.data).toMatchObject({ figures: { gross: 1000, net: 900, orders: 1, views: 0, conversion: null, lowStock: 0 } })
    clock.advance(5_000)
    await view()
    await runAlarm(owner)
    expect(devices.shown[1]).toMatchObject({ data: { range: today, currency: 'USD', figures: { views: 1, conversion: 1 } } })
    expect(namesOf(devices.shown[1])).toEqual(['views', 'conversion'])
    expect(devices.shown[1]?.whole).toMatchObject({ figures: { gross: 1000, views: 1 } })
  })

  it('get at most one frame per second, with all changes since the last', async () => {
    const { owner, clock, devices, view } = await aSeller()
    await view()
    await runAlarm(owner)
    const ranAt = clock()
    for (let times = 0; times < 30; times++) {
      clock.advance(30)
      await view()
      expect(await alarmOf(owner)).toBe(ranAt + frameInterval)
    }
    // An early alarm sends nothing and is set again.
    await runAlarm(owner)
    expect([devices.shown.length, await alarmOf(owner)]).toEqual([1, ranAt + frameInterval])
    clock.advance(100)
    await runAlarm(owner)
    expect(devices.shown.map(({ data }) => data)).toMatchObject([{ figures: { views: 1 } }, { figures: { views: 31 } }])
    expect(await alarmOf(owner)).toBeNull()
  })

  it('get a frame that did not arrive again under its key, and then the later changes', async () => {
    const { owner, clock, devices, installFakes, stub, sell, view } = await aSeller()
    devices.down = 3
    await view()
    for (const wait of [1_000, 2_000, 4_000]) {
      await runAlarm(owner)
      // A change in between does not make the retry earlier.
      if (wait > frameInterval) await sell(500)
      expect(await alarmOf(owner)).toBe(clock() + wait)
      clock.advance(wait)
    }
    await evictDurableObject(stub)
    await installFakes()
    await runAlarm(owner)
    clock.advance(frameInterval)
    await runAlarm(owner)
    expect(devices.shown).toMatchObject([
      { key: expect.stringMatching(/^dashboard:1:\d+$/), data: { figures: { views: 1, orders: 0 } } },
      { key: expect.stringMatching(/^dashboard:2:\d+$/), data: { figures: { orders: 2, gross: 1000 } } },
    ])
    expect(await alarmOf(owner)).toBeNull()
  })

  it('get a change that happens while a frame is being sent', async () => {
    const { owner, clock, devices, seller, stub } = await aSeller()
    const another = aView(seller, clock())
    await runInDurableObject(stub, (dashboard: DashboardDO) => {
      const { notification } = dashboard.deps
      const showDashboard: typeof notification.showDashboard = async (...frame) => {
        await dashboard.ingest([another])
        await notification.showDashboard(...frame)
      }
      dashboard.deps = { ...dashboard.deps, notification: { showDashboard } }
    })
    await stub.ingest([aView(seller, clock())])
    await runAlarm(owner)
    expect(await alarmOf(owner)).toBe(clock() + frameInterval)
    clock.advance(frameInterval)
    await runAlarm(owner)
    expect(devices.shown.map(({ data }) => data)).toMatchObject([{ figures: { views: 1 } }, { figures: { views: 2 } }])
  })

  it('get no frame for replayed events, nor for changes of another day', async () => {
    const { owner, clock, devices, seller, stub, view } = await aSeller()
    await stub.ingest([replayed(aView(seller, clock()))])
    expect(await runAlarm(owner)).toBe(false)
    await view()
    await runAlarm(owner)
    clock.advance(frameInterval)
    await stub.ingest([anOrder([aSoldLine(seller)]).paid(clock() - 3 * day)])
    await runAlarm(owner)
    expect(devices.shown.map(({ data }) => data)).toMatchObject([{ figures: { views: 2 } }])
    expect(await alarmOf(owner)).toBeNull()
  })

  it('get all figures on a new day and in another currency', async () => {
    const { owner, clock, devices, seller, stub, view } = await aSeller()
    await view()
    await runAlarm(owner)
    clock.advance(day)
    await view()
    await runAlarm(owner)
    clock.advance(frameInterval)
    await stub.ingest([anOrder([aSoldLine(seller)], 'JPY').paid(clock())])
    await runAlarm(owner)
    expect(devices.shown.map((frame) => namesOf(frame).length)).toEqual(devices.shown.map(() => figures.length))
    expect(devices.shown).toHaveLength(3)
    expect(devices.shown[2]?.data).toMatchObject({ currency: 'JPY', figures: { views: 1, gross: 1000 } })
  })

  it.each([0, 1])('get later changes after the platform gave up an alarm (%i frames pending)', async (down) => {
    const { owner, clock, devices, view } = await aSeller()
    devices.down = down
    await view()
    if (down > 0) await runAlarm(owner)
    await runInDurableObject(stubOf(owner), (_dashboard, { storage }) => storage.deleteAlarm())
    clock.advance(day / 4)
    await view()
    expect(await runAlarm(owner)).toBe(true)
    clock.advance(frameInterval)
    await runAlarm(owner)
    expect(devices.shown.at(-1)).toMatchObject({ whole: { figures: { views: 2 } } })
  })

  it('get no frame when no figure changed', async () => {
    const { owner, clock, devices, seller, stub } = await aSeller()
    const order = anOrder([aSoldLine(seller)])
    await stub.ingest([order.paid(clock())])
    await runAlarm(owner)
    clock.advance(frameInterval)
    await stub.ingest([order.paid(clock() - frameInterval), order.shipped(clock() - 3 * day, newId('usr'))])
    expect([await runAlarm(owner), devices.shown.length]).toEqual([false, 1])
  })
})
