import { AppError } from '../../shared/contracts/errors'
import { money } from '../../shared/contracts/money'
import { flush, type Outlets, retryOnConflict } from '../../shared/events/outbox'
import type { Deps } from './deps'
import { capture, refund, type Transaction } from './ledger'
import { type Command, decide, evolve, type Payment, type PaymentFact, refundedTotal } from './payment'
import type { Consequences } from './repo'

/** Enough for a crowd on one payment: each round of writers lets one through. */
const attempts = 50

/**
 * Decide, save, publish: the one way in which a payment changes. It starts from the payment as the caller has it, and loads it only
 * when somebody else has written since. What is already so by an older state still is: facts stay, but for a confirmation that the
 * provider refused. Returns the payment as it then is.
 * @throws AppError `not_found`, and what `decide` throws
 */
export async function act(deps: Deps, held: Payment, command: Command): Promise<Payment> {
  const { _id } = held
  let known: Payment | null = held
  const { payment, consequences } = await retryOnConflict(async () => {
    const before = known ?? (await deps.payments.load(_id))
    known = null
    if (!before) throw new AppError('not_found')
    const now = deps.now()
    const consequences: Consequences = { events: [], transactions: [] }
    const facts = decide(before, command, now)
    if (facts.length === 0) return { payment: before, consequences }
    let after = before
    for (const fact of facts) {
      after = evolve(after, fact, now)
      addConsequences(deps, after, fact, consequences)
    }
    return { payment: await deps.payments.save(before, after, consequences), consequences }
  }, attempts)
  const { events: outbox, transactions: journal } = consequences
  if (outbox.length + journal.length > 0) await flush(outletsOf(deps), [{ _id, outbox, journal }])
  return payment
}

/** What a fact means to the others; `payment` is the state right after it, still under the version it had before. */
function addConsequences(deps: Deps, payment: Payment, fact: PaymentFact, { events, transactions }: Consequences): void {
  const { _id, orderId, buyerId, amount } = payment
  const common = { version: payment.version + 1, paymentId: _id, orderId, buyerId, amount }
  const cause = { paymentId: _id, orderId, at: payment.updatedAt }
  switch (fact.type) {
    case 'captured':
      transactions.push(capture({ ...cause, id: `${_id}:capture`, amount }))
      if (!fact.late) events.push(deps.event('payment.succeeded', _id, common))
      return
    case 'declined':
      events.push(deps.event('payment.failed', _id, { ...common, declineCode: fact.declineCode }))
      return
    case 'refundRequested': {
      const { refund: asked, by } = fact
      const told = { ...common, refundId: asked.id, refund: money(asked.amount, amount.currency), reason: asked.reason }
      if (by !== null) events.push(deps.event('refund.requested', _id, { ...told, by }))
      return
    }
    case 'refundSucceeded': {
      const done = payment.refunds.find(({ id }) => id === fact.refundId)
      if (!done) return
      transactions.push(refund({ ...cause, id: done.id, amount: money(done.amount, amount.currency) }))
      const total = money(refundedTotal(payment), amount.currency)
      events.push(
        deps.event('payment.refunded', _id, { ...common, refundId: done.id, refundedTotal: total, reason: done.reason }),
      )
      return
    }
    default:
      return
  }
}

/** Where the events and ledger transactions of payments go. */
export const outletsOf = ({ payments, publish, ledger }: Deps): Outlets<Payment, Transaction> => ({
  collection: payments.collection,
  publish,
  record: ledger.record,
})
