import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { EventData } from '../../../shared/contracts/events'
import { type Instant, iso, newId, type ProductId, type UserId, type VariantId } from '../../../shared/contracts/ids'
import { type Currency, money } from '../../../shared/contracts/money'
import type { DashboardFrame } from '../../../shared/contracts/notification'
import { aClock, anEvent } from '../../../shared/testing/factories'
import type { DashboardDO } from '../dashboard.do'
import type { DashboardEvent, Owner } from '../dashboard-api'
import type { Deps } from '../deps'

/** Alarms run only when a test runs them: this is too far in the future for one to fire by itself. */
export const farAhead: Instant = Date.UTC(2100, 0, 1, 12)

export const stubOf = (owner: Owner): DurableObjectStub<DashboardDO> => env.DASHBOARDS.getByName(owner)

/** Replaces deps of a dashboard until the object is evicted. */
export const overrideDeps = (owner: Owner, change: Partial<Pick<Deps, 'now' | 'notification'>>): Promise<void> =>
  runInDurableObject(stubOf(owner), (dashboard: DashboardDO) => {
    dashboard.deps = { ...dashboard.deps, ...change }
  })

/** A dashboard whose clock and devices the test controls; `devices.down` is how many frames will not arrive. */
export async function aDashboard(owner: Owner = newId('usr')) {
  const clock = aClock(farAhead)
  const devices = { shown: [] as DashboardFrame[], down: 0 }
  const notification: Deps['notification'] = {
    showDashboard: async (_seller, frame) => {
      if (devices.down-- > 0) throw new Error('notification does not answer')
      devices.shown.push(frame)
    },
  }
  const installFakes = () => overrideDeps(owner, { now: clock, notification })
  await installFakes()
  return { owner, clock, devices, installFakes, stub: stubOf(owner) }
}

/** When the alarm is due; null when none is set. */
export const alarmOf = (owner: Owner): Promise<Instant | null> =>
  runInDurableObject(stubOf(owner), (_dashboard, { storage }) => storage.getAlarm())

/** Runs the alarm; false when none is set. */
export const runAlarm = (owner: Owner): Promise<boolean> => runDurableObjectAlarm(stubOf(owner))

export type SoldLine = { sellerId: UserId; productId: ProductId; variantId: VariantId; quantity: number; price: number }

/** A sold line of a seller. */
export const aSoldLine = (sellerId: UserId, overrides: Partial<SoldLine> = {}): SoldLine => ({
  ...{ sellerId, productId: newId('prd'), variantId: newId('var'), quantity: 1, price: 1000 },
  ...overrides,
})

/** An order of such lines, and its events; the commission is a tenth, rounded down. */
export function anOrder(sold: readonly SoldLine[], currency: Currency = 'USD') {
  const orderId = newId('ord')
  const sellerIds = [...new Set(sold.map(({ sellerId }) => sellerId))]
  const items = sold.map(({ price, ...line }) => ({ ...line, lineTotal: money(price * line.quantity, currency) }))
  const groups = sellerIds.map((sellerId) => {
    const subtotal = items.filter((line) => line.sellerId === sellerId).reduce((all, line) => all + line.lineTotal.amount, 0)
    return { sellerId, subtotal: money(subtotal, currency), commission: money(Math.floor(subtotal / 10), currency) }
  })
  const grand = money(
    groups.reduce((all, { subtotal }) => all + subtotal.amount, 0),
    currency,
  )
  const common = { version: 1, orderId, number: 'CR-1', buyerId: newId('usr'), email: null, sellerIds, grand }
  const parcel = { carrier: null, trackingNumber: null }
  const at = (time: Instant) => ({ time: iso(time) })
  return {
    ...{ orderId, sellerIds, groups, grand },
    created: (time: Instant) =>
      anEvent('order.created', orderId, { ...common, status: 'pending', payBefore: time, items, groups }, at(time)),
    paid: (time: Instant) => anEvent('order.paid', orderId, { ...common, status: 'paid', items, groups }, at(time)),
    canceled: (time: Instant, reason: EventData<'order.canceled'>['reason'], wasPaid = false) =>
      anEvent('order.canceled', orderId, { ...common, status: 'canceled', reason, wasPaid, items }, at(time)),
    shipped: (time: Instant, sellerId: UserId) =>
      anEvent('order.shipped', orderId, { ...common, status: 'shipped', sellerId, ...parcel }, at(time)),
    /** `total`: the amount refunded in all. */
    refunded: (time: Instant, total: number) =>
      anEvent(
        'payment.refunded',
        newId('pay'),
        {
          ...{ version: 2, paymentId: newId('pay'), orderId, buyerId: common.buyerId, amount: grand },
          ...{ refundId: newId('ref'), refundedTotal: money(total, currency), reason: 'requested' },
        },
        at(time),
      ),
  }
}

export const aView = (sellerId: UserId, time: Instant, weight = 1) =>
  anEvent('product.viewed', newId('prd'), { version: 1, productId: newId('prd'), sellerId, weight }, { time: iso(time) })

/** The tables of what a dashboard has ingested. */
const tables = ['orders', 'views', 'products', 'variants', 'statuses', 'levels', 'stock', 'sums', 'totals']

/**
 * Empties a dashboard. Files that use the dashboard of the marketplace begin with this, since the reset between files does not wipe an
 * object that is not in memory.
 */
export const clearDashboard = (owner: Owner): Promise<void> =>
  runInDurableObject(stubOf(owner), (_dashboard, { storage: { sql } }) => {
    for (const name of tables) sql.exec(`DELETE FROM ${name}`)
  })

/** The tables of a dashboard, except what it showed. */
export const tablesOf = (owner: Owner): Promise<Record<string, unknown[]>> =>
  runInDurableObject(stubOf(owner), (_dashboard, { storage: { sql } }) => {
    // Tables without row ids are read in the order of their keys; the order of the figures in a row does not matter.
    const rowsOf = (name: string) =>
      sql
        .exec(`SELECT * FROM ${name}`)
        .toArray()
        .map((row) => (name === 'totals' ? { ...row, figures: JSON.parse(String(row.figures)) } : row))
    return Object.fromEntries(tables.map((name) => [name, rowsOf(name)]))
  })

/** An event as a replay sends it. */
export const replayed = (event: DashboardEvent): DashboardEvent => ({ ...event, replay: newId('rpl') })
