import type { Instant, OrderId, PaymentId } from '../../shared/contracts/ids'
import type { Currency, Money } from '../../shared/contracts/money'

/** `provider_clearing`: money the provider collected and owes us. `platform_payable`: money we hold for sellers and the platform. */
export type Account = 'provider_clearing' | 'platform_payable'

/** Minor units of the transaction's currency. */
export type Entry = { account: Account; side: 'debit' | 'credit'; amount: number }

/** One movement of money, double entry, append-only. Its id is made of its cause, so it exists once. */
export type Transaction = {
  _id: string
  kind: 'capture' | 'refund'
  paymentId: PaymentId
  orderId: OrderId
  currency: Currency
  entries: Entry[]
  at: Instant
}

type Cause = { id: string; paymentId: PaymentId; orderId: OrderId; amount: Money; at: Instant }

/** The shopper paid: the provider owes us what we owe to sellers and the platform. */
export const capture = (cause: Cause): Transaction => transaction('capture', cause, 'provider_clearing', 'platform_payable')

/** The shopper got money back: both balances shrink. */
export const refund = (cause: Cause): Transaction => transaction('refund', cause, 'platform_payable', 'provider_clearing')

function transaction(
  kind: Transaction['kind'],
  { id, amount, ...cause }: Cause,
  debited: Account,
  credited: Account,
): Transaction {
  return balanced({
    _id: id,
    kind,
    paymentId: cause.paymentId,
    orderId: cause.orderId,
    currency: amount.currency,
    entries: [
      { account: debited, side: 'debit', amount: amount.amount },
      { account: credited, side: 'credit', amount: amount.amount },
    ],
    at: cause.at,
  })
}

/** The same transaction. @throws RangeError unless debits equal credits and no amount is negative or broken */
export function balanced(transaction: Transaction): Transaction {
  const total = (side: Entry['side']) =>
    transaction.entries.filter((entry) => entry.side === side).reduce((sum, entry) => sum + entry.amount, 0)
  const sound = transaction.entries.every(({ amount }) => Number.isSafeInteger(amount) && amount >= 0)
  if (!sound || total('debit') !== total('credit')) throw new RangeError(`Transaction ${transaction._id} does not balance`)
  return transaction
}
