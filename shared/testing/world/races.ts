import type { Answer } from '../http'
import { anOffer, fill, type Offer, requestOnce, requests } from './actors'
import { advance, deliver, sweep } from './driver'
import { cases } from './flows'
import { marketplace } from './marketplace'

export type Outcome = Answer | undefined

/** Commands that run at the same time, after what leads up to them; `judge` says what is wrong with their answers. */
export type Race = {
  prepare(): Promise<{ commands: (() => Promise<Outcome>)[]; ids: string[]; judge?(answers: Outcome[]): string[] }>
}

const quietly = async (work: Promise<unknown>): Promise<undefined> => {
  await work
  return undefined
}
const statuses = (answers: readonly Outcome[]): string => answers.map((answer) => answer?.status ?? 'none').join(' and ')
const operator = () => marketplace.auth.person('admin')
const isOne = (of: string, answers: Outcome[]) =>
  answers.filter((answer) => answer?.status === 201).length === 1 ? [] : [`${of} was ordered with ${statuses(answers)}`]

async function buyers(offer: Offer, count: number) {
  const all = Array.from({ length: count }, () => marketplace.auth.person('buyer'))
  for (const buyer of all) await fill(buyer, offer, 1)
  return all
}

export const races = {
  'a payment and a cancellation': {
    prepare: async () => {
      const { buyer, orderId } = await cases.paying()
      return {
        ids: [orderId],
        commands: [() => quietly(deliver('order')), () => requestOnce(requests.cancel(buyer, orderId))],
      }
    },
  },
  'a payment, a cancellation and the end of the time to pay': {
    prepare: async () => {
      const { buyer, orderId } = await cases.paying()
      advance(31 * 60_000)
      return {
        ids: [orderId],
        commands: [
          () => quietly(deliver('order')),
          () => requestOnce(requests.cancel(buyer, orderId)),
          () => quietly(sweep(['order'])),
        ],
      }
    },
  },
  'two cancellations, by the buyer and by the seller': {
    prepare: async () => {
      const { buyer, offer, orderId } = await cases.paid()
      return {
        ids: [orderId],
        commands: [buyer, offer.seller].map((actor) => () => requestOnce(requests.cancel(actor, orderId))),
      }
    },
  },
  'two checkouts for the last piece': {
    prepare: async () => {
      const offer = await anOffer({ stock: 1 })
      const all = await buyers(offer, 2)
      return {
        ids: [offer.variantId, ...all.map(({ userId }) => userId)],
        commands: all.map((buyer) => () => requestOnce(requests.place(buyer))),
        judge: (answers) => isOne(offer.variantId, answers),
      }
    },
  },
  'two checkouts of one cart': {
    prepare: async () => {
      const offer = await anOffer()
      const [buyer] = await buyers(offer, 1)
      if (!buyer) throw new Error('nobody buys')
      return {
        ids: [offer.variantId, buyer.userId],
        commands: [buyer, buyer].map((actor) => () => requestOnce(requests.place(actor))),
        judge: (answers) => isOne(buyer.userId, answers),
      }
    },
  },
  'two confirmations of one payment': {
    prepare: async () => {
      const { buyer, orderId } = await cases.placed()
      return { ids: [orderId], commands: [1, 2].map(() => () => requestOnce(requests.confirm(buyer, orderId))) }
    },
  },
  'a confirmation and a cancellation': {
    prepare: async () => {
      const { buyer, orderId } = await cases.placed()
      return {
        ids: [orderId],
        commands: [() => requestOnce(requests.confirm(buyer, orderId)), () => requestOnce(requests.cancel(buyer, orderId))],
      }
    },
  },
  'a refund and a cancellation': {
    prepare: async () => {
      const { buyer, orderId } = await cases.paid()
      return {
        ids: [orderId],
        commands: [() => requestOnce(requests.refund(operator(), orderId)), () => requestOnce(requests.cancel(buyer, orderId))],
      }
    },
  },
  'a shipment and a cancellation': {
    prepare: async () => {
      const { buyer, offer, orderId } = await cases.paid()
      return {
        ids: [orderId],
        commands: [() => requestOnce(requests.ship(offer.seller, orderId)), () => requestOnce(requests.cancel(buyer, orderId))],
        judge: (answers) =>
          answers.every((answer) => answer && answer.status < 300) ? [`${orderId} was shipped and canceled`] : [],
      }
    },
  },
  'a shipment and the news of a refund': {
    prepare: async () => {
      const { buyer, offer, orderId } = await cases.paid()
      const refunded = await requestOnce(requests.refund(operator(), orderId))
      if (refunded?.status !== 201) throw new Error(`Nothing was refunded: ${JSON.stringify(refunded?.json)}`)
      return {
        ids: [orderId, offer.variantId, buyer.userId],
        commands: [() => quietly(deliver('order')), () => requestOnce(requests.ship(offer.seller, orderId))],
      }
    },
  },
  'news of stock and a change of the product': {
    prepare: async () => {
      const { buyer, offer } = await cases.collected()
      const { seller, productId, variantId } = offer
      await requestOnce(requests.place(buyer))
      const variants = [{ id: variantId, price: { amount: 900, currency: 'USD' }, stock: 20 }]
      return {
        ids: [productId, variantId],
        commands: [() => quietly(deliver('product')), () => requestOnce(requests.change(seller, productId, { variants }))],
      }
    },
  },
} satisfies Record<string, Race>
