import type { Envelope } from '../../shared/contracts/events'
import { money } from '../../shared/contracts/money'
import type { MakeEvent } from '../../shared/events/publish'
import { capture, refund, type Transaction } from './ledger'
import { type Payment, type PaymentEvent, refundedTotal } from './payment'

/** What one change of a payment causes elsewhere: events for other Workers, transactions for the ledger. */
type Consequences = { events: Envelope[]; records: Transaction[] }

/** What a payment event causes; `payment` is the state right after it, still under the version it had before. */
export function consequencesOf(event: MakeEvent<'payment'>, payment: Payment, happened: PaymentEvent): Consequences {
  const { _id, orderId, buyerId, amount } = payment
  const common = { version: payment.version + 1, paymentId: _id, orderId, buyerId, amount }
  const cause = { paymentId: _id, orderId, at: payment.updatedAt }
  switch (happened.type) {
    case 'captured':
      return {
        events: happened.late ? [] : [event('payment.succeeded', _id, common)],
        records: [capture({ ...cause, id: `${_id}:capture`, amount })],
      }
    case 'declined':
      return { events: [event('payment.failed', _id, { ...common, declineCode: happened.declineCode })], records: [] }
    case 'refundRequested': {
      const { by, refund: requested } = happened
      if (by === null) return { events: [], records: [] }
      const data = {
        ...common,
        refundId: requested.id,
        refund: money(requested.amount, amount.currency),
        reason: requested.reason,
        by,
      }
      return { events: [event('refund.requested', _id, data)], records: [] }
    }
    case 'refundSucceeded': {
      const done = payment.refunds.find(({ id }) => id === happened.refundId)
      if (!done) return { events: [], records: [] }
      const total = money(refundedTotal(payment), amount.currency)
      const data = { ...common, refundId: done.id, refundedTotal: total, reason: done.reason }
      return {
        events: [event('payment.refunded', _id, data)],
        records: [refund({ ...cause, id: done.id, amount: money(done.amount, amount.currency) })],
      }
    }
    default:
      return { events: [], records: [] }
  }
}
