import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { iso, newId, type UserId } from '../../shared/contracts/ids'
import type { DashboardFrame } from '../../shared/contracts/notification'
import type { DashboardDO } from './dashboard.do'
import { figures } from './figures'
import { framePause, type Shown } from './live'
import { aDashboard, alarmOf, anOrder, aSold, aView, farAhead, replayed, ring, stubOf } from './testing/fixtures'

const day = 24 * 3_600_000
const today = { from: iso(farAhead - day / 2), until: iso(farAhead + day / 2) }

/** The figures of a frame. */
const namesOf = (frame?: DashboardFrame) => Object.keys((frame?.data as Partial<Shown>)?.figures ?? {})

/** A seller's dashboard, on which a view or an order comes in. */
async function aSeller() {
  const dashboard = await aDashboard()
  const seller = dashboard.owner as UserId
  const sell = (price: number) => dashboard.stub.hear([anOrder([aSold(seller, { price })]).paid(dashboard.clock())])
  const view = () => dashboard.stub.hear([aView(seller, dashboard.clock())])
  return { ...dashboard, seller, sell, view }
}

describe("a seller's devices", () => {
  it('are shown what changed today, all of it at first', async () => {
    const { owner, clock, devices, sell, view } = await aSeller()
    await sell(1000)
    expect(await alarmOf(owner)).toBe(clock())
    await ring(owner)
    const [first] = devices.shown
    expect(first).toMatchObject({ time: iso(clock()), data: { range: today, currency: 'USD' } })
    expect(first?.data).toMatchObject({ figures: { gross: 1000, net: 900, orders: 1, views: 0, conversion: null, lowStock: 0 } })
    clock.advance(5_000)
    await view()
    await ring(owner)
    expect(devices.shown[1]).toMatchObject({ data: { range: today, currency: 'USD', figures: { views: 1, conversion: 1 } } })
    expect(namesOf(devices.shown[1])).toEqual(['views', 'conversion'])
    expect(devices.shown[1]?.whole).toMatchObject({ figures: { gross: 1000, views: 1 } })
  })

  it('are shown at most one frame per second, with all that came meanwhile', async () => {
    const { owner, clock, devices, view } = await aSeller()
    await view()
    await ring(owner)
    const rungAt = clock()
    for (let times = 0; times < 30; times++) {
      clock.advance(30)
      await view()
      expect(await alarmOf(owner)).toBe(rungAt + framePause)
    }
    // One that rings early does nothing but wait.
    await ring(owner)
    expect([devices.shown.length, await alarmOf(owner)]).toEqual([1, rungAt + framePause])
    clock.advance(100)
    await ring(owner)
    expect(devices.shown.map(({ data }) => data)).toMatchObject([{ figures: { views: 1 } }, { figures: { views: 31 } }])
    expect(await alarmOf(owner)).toBeNull()
  })

  it('are shown a frame that did not arrive again under its key, then what came after it', async () => {
    const { owner, clock, devices, equip, stub, sell, view } = await aSeller()
    devices.down = 3
    await view()
    for (const wait of [1_000, 2_000, 4_000]) {
      await ring(owner)
      // What comes in meanwhile makes it come no sooner.
      if (wait > framePause) await sell(500)
      expect(await alarmOf(owner)).toBe(clock() + wait)
      clock.advance(wait)
    }
    await evictDurableObject(stub)
    await equip()
    await ring(owner)
    clock.advance(framePause)
    await ring(owner)
    expect(devices.shown).toMatchObject([
      { key: expect.stringMatching(/^dashboard:1:\d+$/), data: { figures: { views: 1, orders: 0 } } },
      { key: expect.stringMatching(/^dashboard:2:\d+$/), data: { figures: { orders: 2, gross: 1000 } } },
    ])
    expect(await alarmOf(owner)).toBeNull()
  })

  it('are shown what comes while a frame is on its way', async () => {
    const { owner, clock, devices, seller, stub } = await aSeller()
    const another = aView(seller, clock())
    await runInDurableObject(stub, (dashboard: DashboardDO) => {
      const { notification } = dashboard.deps
      const showDashboard: typeof notification.showDashboard = async (...frame) => {
        await dashboard.hear([another])
        await notification.showDashboard(...frame)
      }
      dashboard.deps = { ...dashboard.deps, notification: { showDashboard } }
    })
    await stub.hear([aView(seller, clock())])
    await ring(owner)
    expect(await alarmOf(owner)).toBe(clock() + framePause)
    clock.advance(framePause)
    await ring(owner)
    expect(devices.shown.map(({ data }) => data)).toMatchObject([{ figures: { views: 1 } }, { figures: { views: 2 } }])
  })

  it('are shown nothing of what is replayed, nor of what changes another day', async () => {
    const { owner, clock, devices, seller, stub, view } = await aSeller()
    await stub.hear([replayed(aView(seller, clock()))])
    expect(await ring(owner)).toBe(false)
    await view()
    await ring(owner)
    clock.advance(framePause)
    await stub.hear([anOrder([aSold(seller)]).paid(clock() - 3 * day)])
    await ring(owner)
    expect(devices.shown.map(({ data }) => data)).toMatchObject([{ figures: { views: 2 } }])
    expect(await alarmOf(owner)).toBeNull()
  })

  it('are shown a new day, and another currency, whole', async () => {
    const { owner, clock, devices, seller, stub, view } = await aSeller()
    await view()
    await ring(owner)
    clock.advance(day)
    await view()
    await ring(owner)
    clock.advance(framePause)
    await stub.hear([anOrder([aSold(seller)], 'JPY').paid(clock())])
    await ring(owner)
    expect(devices.shown.map((frame) => namesOf(frame).length)).toEqual(devices.shown.map(() => figures.length))
    expect(devices.shown).toHaveLength(3)
    expect(devices.shown[2]?.data).toMatchObject({ currency: 'JPY', figures: { views: 1, gross: 1000 } })
  })

  it.each([0, 1])(
    'are shown what comes after an alarm was lost, which the platform gives up in the end (%i on its way)',
    async (down) => {
      const { owner, clock, devices, view } = await aSeller()
      devices.down = down
      await view()
      if (down > 0) await ring(owner)
      await runInDurableObject(stubOf(owner), (_dashboard, { storage }) => storage.deleteAlarm())
      clock.advance(day / 4)
      await view()
      expect(await ring(owner)).toBe(true)
      clock.advance(framePause)
      await ring(owner)
      expect(devices.shown.at(-1)).toMatchObject({ whole: { figures: { views: 2 } } })
    },
  )

  it('are not shown what they were shown', async () => {
    const { owner, clock, devices, seller, stub } = await aSeller()
    const order = anOrder([aSold(seller)])
    await stub.hear([order.paid(clock())])
    await ring(owner)
    clock.advance(framePause)
    await stub.hear([order.paid(clock() - framePause), order.shipped(clock() - 3 * day, newId('usr'))])
    expect([await ring(owner), devices.shown.length]).toEqual([false, 1])
  })
})
