import { setTimeout as sleep } from 'node:timers/promises'
import { liveDevice } from '../../shared/testing/live.ts'
import type { Seen } from './invariants.ts'
import { guest, type Market, type Person } from './market.ts'

const shippingAddress = { name: 'Sia Soak', line1: '1 Long Road', city: 'Lund', postalCode: '22100', country: 'SE' }
const paymentMethods = ['pm_card_visa', 'pm_card_visa', 'pm_card_visa', 'pm_card_chargeDeclined'] as const

/** How a soak goes on: whether there is time for more, and what was seen and made. */
export type Run = { market: Market; isOver: () => boolean; seen: Seen[]; orders: string[]; failures: string[] }

const oneOf = <T>(random: () => number, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T

/** A device on the live session of somebody, whose frames are evidence. Connects once; a cut connection is no fault of order. */
async function watch({ market, seen }: Run, person: Person): Promise<() => void> {
  const { json } = await person.call('POST', '/v1/realtime/tickets', { body: {} })
  const socket = new WebSocket(`${market.base.replace(/^http/, 'ws')}/v1/realtime?ticket=${json.ticket}`)
  const device = liveDevice(socket as unknown as Parameters<typeof liveDevice>[0])
  await new Promise<void>((resolve) => {
    socket.addEventListener('open', () => resolve(), { once: true })
    // Where a fault refused everything, there is nothing to be seen.
    socket.addEventListener('error', () => resolve(), { once: true })
  })
  seen.push({ device: `${person.id}/${seen.length}`, frames: device.frames })
  return () => device.close()
}

/** Buys until the time is over: fills a cart, orders it, pays or not, changes their mind. */
export async function shop(run: Run): Promise<void> {
  const { market } = run
  const { random, base, tally } = market
  while (!run.isOver()) {
    const person = await guest(base, tally, random)
    const unwatch = await watch(run, person)
    for (let visit = 0; visit < 4 && !run.isOver(); visit++) await buy(run, person)
    unwatch()
  }
}

async function buy({ market, orders }: Run, { call }: Person): Promise<void> {
  const { random, variants } = market
  for (let line = 0; line <= random() * 3; line++) {
    await call('POST', '/v1/cart/items', {
      body: { variantId: oneOf(random, variants).id, quantity: 1 + Math.floor(random() * 2) },
    })
  }
  const wish = { body: { shippingAddress, email: 'sia@example.com' }, key: crypto.randomUUID() }
  // Some press the button twice.
  const answers = await Promise.all(Array.from({ length: random() < 0.2 ? 2 : 1 }, () => call('POST', '/v1/orders', wish)))
  const ids = [...new Set(answers.flatMap(({ status, json }) => (status === 201 ? [json.id as string] : [])))]
  if (ids.length > 1) throw new Error(`One key made the orders ${ids.join(' and ')}`)
  const [id] = ids
  if (id === undefined) {
    // Short of stock, or somebody changed a price: the next visit begins with an empty cart.
    await call('DELETE', '/v1/cart')
    return
  }
  orders.push(id)
  const pay = () =>
    call('POST', `/v1/payments/${id}/confirm`, {
      body: { paymentMethod: oneOf(random, paymentMethods) },
      key: crypto.randomUUID(),
    })
  const cancel = () => call('POST', `/v1/orders/${id}/cancel`, { body: {} })
  const mood = random()
  if (mood < 0.1) return
  if (mood < 0.25) {
    await Promise.all([pay(), cancel()])
    return
  }
  await pay()
  if (mood > 0.4) return
  await sleep(100 + random() * 400)
  await cancel()
}
