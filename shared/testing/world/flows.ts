import type { Actor } from '../../contracts/actor'
import { auditor, type WorkerName } from '../../contracts/events'
import type { OrderId } from '../../contracts/ids'
import { anOffer, fill, type Offer, requestOnce, requests, requestUntilAnswered } from './actors'
import { advance, drain, runAlarms, sweep } from './driver'
import { consumers, marketplace } from './marketplace'
import type { Member } from './modules'

/**
 * Something that people do, in two parts: `prepare` always goes well, and `run` can break off at each of its points. `worker` owns the
 * aggregate that the flow changes.
 */
export type Flow = { worker: Member; prepare(): Promise<Case>; run(prepared: Case): Promise<void> }

/** A purchase, as far as it got. */
export type Case = { buyer: Actor; offer: Offer; orderId?: OrderId }

/** Lets what was begun run its course. */
async function follow(workers: readonly WorkerName[] = consumers): Promise<void> {
  await runAlarms()
  await drain(workers)
  await runAlarms()
  await drain(workers)
}

/** The same for what leads up to a flow. The log can wait: it takes in many events as fast as one. */
const lead = (): Promise<void> => follow(consumers.filter((worker) => worker !== auditor))

async function collected(): Promise<Case> {
  marketplace.beginScenario()
  const offer = await anOffer()
  const buyer = marketplace.auth.person('buyer')
  await fill(buyer, offer, 2)
  await lead()
  return { buyer, offer }
}

async function placed(): Promise<Case & { orderId: OrderId }> {
  const { buyer, offer } = await collected()
  const { status, json } = await requestUntilAnswered(requests.place(buyer))
  if (status !== 201) throw new Error(`Nothing was ordered: ${JSON.stringify(json)}`)
  await lead()
  return { buyer, offer, orderId: json.id }
}

async function paid(): Promise<Case & { orderId: OrderId }> {
  const found = await placed()
  await requestUntilAnswered(requests.confirm(found.buyer, found.orderId))
  await lead()
  return found
}

/** An order whose money is on its way: the news of it is in the order Worker's inbox. */
async function paying(): Promise<Case & { orderId: OrderId }> {
  const found = await placed()
  await requestUntilAnswered(requests.confirm(found.buyer, found.orderId))
  await runAlarms()
  return found
}

export const cases = { collected, placed, paying, paid }

const idOf = ({ orderId }: Case): OrderId => {
  if (!orderId) throw new Error('nothing was ordered')
  return orderId
}

export const purchases = {
  'a checkout': {
    worker: 'order',
    prepare: collected,
    run: async (found) => {
      const { json } = await requestUntilAnswered(requests.place(found.buyer))
      found.orderId = json.id
      await follow()
    },
  },
  'a checkout that nobody comes back to': {
    worker: 'order',
    prepare: collected,
    run: async (found) => {
      await requestOnce(requests.place(found.buyer))
    },
  },
  'a payment': {
    worker: 'payment',
    prepare: placed,
    run: async (found) => {
      await requestUntilAnswered(requests.confirm(found.buyer, idOf(found)))
      await follow()
    },
  },
  'a payment that is declined': {
    worker: 'payment',
    prepare: placed,
    run: async (found) => {
      await requestUntilAnswered(requests.confirm(found.buyer, idOf(found), 'pm_card_chargeDeclined'))
      await follow()
    },
  },
} satisfies Record<string, Flow>

export const endings = {
  'a cancellation before payment': {
    worker: 'order',
    prepare: placed,
    run: async (found) => {
      await requestUntilAnswered(requests.cancel(found.buyer, idOf(found)))
      await follow()
    },
  },
  'a cancellation after payment': {
    worker: 'order',
    prepare: paid,
    run: async (found) => {
      await requestUntilAnswered(requests.cancel(found.buyer, idOf(found)))
      await follow()
    },
  },
  'an order that expires': {
    worker: 'order',
    prepare: async () => {
      const found = await placed()
      advance(31 * 60_000)
      return found
    },
    run: async () => {
      // Those that have a part in it: what the others forget at times would make points that come and go.
      await sweep(['order', 'inventory', 'payment'])
      await follow()
    },
  },
} satisfies Record<string, Flow>

export const rest = {
  'a shipment and a delivery': {
    worker: 'order',
    prepare: paid,
    run: async (found) => {
      await requestUntilAnswered(requests.ship(found.offer.seller, idOf(found)))
      await requestUntilAnswered(requests.deliver(found.offer.seller, idOf(found)))
      await follow()
    },
  },
  'a change of a product that sells out and comes back': {
    worker: 'product',
    prepare: async () => {
      const found = await collected()
      await requestUntilAnswered(requests.watch(marketplace.auth.person('buyer'), found.offer.productId))
      return found
    },
    run: async ({ offer: { seller, productId, variantId } }) => {
      const change = (amount: number, stock: number) =>
        requestUntilAnswered(
          requests.change(seller, productId, { variants: [{ id: variantId, price: { amount, currency: 'USD' }, stock }] }),
        )
      await change(900, 0)
      await follow()
      await change(800, 20)
      await follow()
    },
  },
} satisfies Record<string, Flow>
