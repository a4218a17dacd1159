import type { Actor } from '../../contracts/actor'
import type { OrderId } from '../../contracts/ids'
import { anOffer, type Offer, requestOnce, requests, requestUntilAnswered } from './actors'
import { aDevice } from './devices'
import { advance, deliver, runAlarms, sweep } from './driver'
import { consumers, marketplace } from './marketplace'

type Purchase = { buyer: Actor; offer: Offer; orderId: OrderId }

/** A life of chance: people, and the platform, do one thing after the other, as the seed wants. */
export async function aRandomWorkload(random: () => number, without: (work: () => Promise<void>) => Promise<void>) {
  const pick = <T>(all: readonly T[]): T | undefined => all[Math.floor(random() * all.length)]
  const offers: Offer[] = []
  const purchases: Purchase[] = []
  const buyers = Array.from({ length: 6 }, () => marketplace.auth.person('buyer'))
  const operator = marketplace.auth.person('admin')
  const devices: Awaited<ReturnType<typeof aDevice>>[] = []
  await without(async () => {
    for (let each = 0; each < 4; each++) offers.push(await anOffer({ stock: 3 + Math.floor(random() * 8) }))
    for (const buyer of buyers.slice(0, 3)) devices.push(await aDevice(buyer))
    for (const { productId } of offers) await requestUntilAnswered(requests.watch(buyers[0] ?? operator, productId))
  })

  const buy = async () => {
    const [buyer, offer] = [pick(buyers), pick(offers)]
    if (!buyer || !offer) return
    await requestOnce(requests.empty(buyer))
    await requestOnce(requests.fill(buyer, offer, 1 + Math.floor(random() * 2)))
    const answer = await requestOnce(requests.place(buyer))
    if (answer?.status === 201) purchases.push({ buyer, offer, orderId: answer.json.id })
  }
  const withOne = (act: (purchase: Purchase) => Promise<unknown>) => async () => {
    const purchase = pick(purchases.slice(-5))
    if (purchase) await act(purchase)
  }
  const change = async () => {
    const offer = pick(offers)
    if (!offer) return
    const price = { amount: 500 + Math.floor(random() * 1000), currency: 'USD' }
    const stock = random() < 0.5 ? { stock: Math.floor(random() * 12) } : {}
    await requestOnce(requests.change(offer.seller, offer.productId, { variants: [{ id: offer.variantId, price, ...stock }] }))
  }
  /** Delivers some of what waits for somebody, in any order; sometimes what came before comes again. */
  const post = async () => {
    const worker = pick(consumers)
    if (!worker) return
    if (random() < 0.2) marketplace.inboxes.again(worker, pick(marketplace.inboxes.history(worker)))
    await deliver(worker, 1 + Math.floor(random() * 10), (taken) => shuffled(taken, random))
  }

  const weighted: [weight: number, request: () => Promise<unknown>][] = [
    [5, buy],
    [4, withOne(({ buyer, orderId }) => requestOnce(requests.confirm(buyer, orderId)))],
    [1, withOne(({ buyer, orderId }) => requestOnce(requests.confirm(buyer, orderId, 'pm_card_chargeDeclined')))],
    [1, withOne(({ buyer, orderId }) => requestOnce(requests.cancel(buyer, orderId)))],
    [1, withOne(({ offer, orderId }) => requestOnce(requests.cancel(offer.seller, orderId)))],
    [1, withOne(({ orderId }) => requestOnce(requests.refund(operator, orderId)))],
    [2, withOne(({ offer, orderId }) => requestOnce(requests.ship(offer.seller, orderId)))],
    [1, withOne(({ offer, orderId }) => requestOnce(requests.deliver(offer.seller, orderId)))],
    [3, change],
    [14, post],
    [3, runAlarms],
    [1, () => sweep()],
    [2, async () => advance(Math.floor(random() * 40_000))],
  ]
  const all = weighted.flatMap(([weight, request]) => Array.from({ length: weight }, () => request))
  return {
    devices,
    /** Does the next thing. */
    step: async () => {
      await pick(all)?.()
    },
    /** Sends a whole history again, backwards. */
    again: async () => {
      for (const worker of consumers) {
        for (const body of [...marketplace.inboxes.history(worker)].reverse()) marketplace.inboxes.again(worker, body)
        for (let some = 1; some > 0; ) some = await deliver(worker, 10)
      }
    },
  }
}

function shuffled<T>(all: T[], random: () => number): T[] {
  for (let index = all.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1))
    ;[all[index], all[other]] = [all[other] as T, all[index] as T]
  }
  return all
}
