import type { Update } from '../../shared/contracts/data'
import { AppError } from '../../shared/contracts/errors'
import type { Envelope } from '../../shared/contracts/events'
import type { Instant, OrderId, PaymentId } from '../../shared/contracts/ids'
import { outboxIndex } from '../../shared/events/outbox'
import type { Collection, Documents } from '../../shared/storage/documents'
import type { BaseDeps } from '../../shared/worker/base-deps'
import type { Transaction } from './ledger'
import { dueAtOf, type Payment, reconcileAfter } from './payment'
import type { IntentId, ProviderName } from './provider'

/** What a write adds for the others: events to send, ledger transactions to record. */
export type Consequences = { events: Envelope[]; transactions: Transaction[] }

export type PaymentRepo = {
  collection: Collection<Payment>
  load(id: PaymentId): Promise<Payment | null>
  byOrder(orderId: OrderId): Promise<Payment | null>
  /** One write carries state, version, events and ledger transactions. @throws AppError `conflict` when somebody else wrote first */
  save(before: Payment, after: Payment, consequences: Consequences): Promise<Payment>
  /** Payments that the reconciler must look at, longest due first. */
  due(now: Instant, limit: number): Promise<Payment[]>
  /** Takes due payments for this sweep. Returns those that no other has. */
  claim(payments: readonly Payment[], now: Instant): Promise<Payment[]>
}

export function paymentRepo(documents: Documents): PaymentRepo {
  const collection = documents.collection<Payment>({
    name: 'payments',
    indexes: [{ keys: { orderId: 1 }, unique: true }, { keys: { intentId: 1 } }, { keys: { dueAt: 1 } }, outboxIndex],
  })
  return {
    collection,
    load: (id) => collection.findOne({ _id: id }),
    byOrder: (orderId) => collection.findOne({ orderId }),
    save: async (before, after, { events, transactions }) => {
      const { _id, version, outbox, outboxPending, journal, ...state } = after
      const dueAt = dueAtOf(after, after.updatedAt)
      const carries = events.length + transactions.length > 0
      const update: Update = {
        $set: { ...state, dueAt, ...(carries ? { outboxPending: true } : {}) },
        $inc: { version: 1 },
        ...(carries ? { $push: { outbox: { $each: events }, journal: { $each: transactions } } } : {}),
      }
      const { matchedCount } = await collection.updateOne({ _id, version: before.version }, update)
      if (matchedCount === 0) throw new AppError('conflict')
      return { ...after, version: before.version + 1, dueAt }
    },
    due: (now, limit) => collection.find({ dueAt: { $lte: now } }, { sort: { dueAt: 1 }, limit }),
    claim: async (payments, now) => {
      const results = await collection.batch(
        payments.map(({ _id, dueAt }) => ({
          action: 'updateOne' as const,
          filter: { _id, dueAt },
          update: { $set: { dueAt: now + reconcileAfter } },
        })),
      )
      return payments.filter((_payment, index) => results[index]?.matchedCount === 1)
    },
  }
}

export type LedgerRepo = {
  collection: Collection<Transaction>
  /** Records transactions; those that are there already stay as they are. */
  record(transactions: readonly Transaction[]): Promise<void>
}

export function ledgerRepo(documents: Documents): LedgerRepo {
  const collection = documents.collection<Transaction>({ name: 'ledger', indexes: [{ keys: { paymentId: 1 } }] })
  return {
    collection,
    record: (transactions) => collection.insertAbsent(transactions),
  }
}

/** A webhook event that was acted on. */
type Receipt = { _id: string; at: Instant }

export type ReceiptRepo = {
  collection: Collection<Receipt>
  /** Notes an event, so that its redelivery is answered without looking further. */
  note(provider: ProviderName, eventId: string, at: Instant): Promise<void>
  forgetBefore(at: Instant): Promise<void>
}

export function receiptRepo(documents: Documents): ReceiptRepo {
  const collection = documents.collection<Receipt>({ name: 'webhook_receipts', indexes: [{ keys: { at: 1 } }] })
  return {
    collection,
    note: async (provider, eventId, at) => {
      await collection.insertIfAbsent({ _id: receiptId(provider, eventId), at })
    },
    forgetBefore: async (at) => {
      await collection.deleteMany({ at: { $lt: at } })
    },
  }
}

const receiptId = (provider: ProviderName, eventId: string) => `${provider}:${eventId}`

/** What a webhook is about, in one round trip: whether its event was noted before, and the payment of its intent. */
export async function findForWebhook(
  { documents, receipts, payments }: Pick<BaseDeps<'payment'>, 'documents'> & { receipts: ReceiptRepo; payments: PaymentRepo },
  provider: ProviderName,
  eventId: string,
  intentId: IntentId,
): Promise<{ isNoted: boolean; payment: Payment | null }> {
  const [receipt, found] = await documents.batch([
    receipts.collection.plan({ action: 'findOne', filter: { _id: receiptId(provider, eventId) } }),
    payments.collection.plan({ action: 'findOne', filter: { intentId } }),
  ])
  return { isNoted: receipt.document !== null, payment: found.document as Payment | null }
}
