import type { OperationOf, Target } from '../../shared/contracts/data'
import type { Instant, OrderId, PaymentId } from '../../shared/contracts/ids'
import { outboxIndex } from '../../shared/events/outbox'
import { type OutboxRepo, outboxRepo } from '../../shared/events/outbox-repo'
import type { Documents, Planned } from '../../shared/storage/documents'
import type { Transaction } from './ledger'
import { type Payment, reconcileAfter } from './payment'
import type { IntentId, ProviderName } from './provider'

export type PaymentRepo = OutboxRepo<Payment, Transaction> & {
  byOrder(orderId: OrderId): Promise<Payment | null>
  planFindByIntent(intentId: IntentId): { target: Target; operation: OperationOf<'findOne'> }
  /** Payments that the reconciler must look at, longest due first. */
  due(now: Instant, limit: number): Promise<Payment[]>
  /** Takes due payments for this sweep. Returns those that no other sweep has. */
  claim(payments: readonly Payment[], now: Instant): Promise<Payment[]>
}

export function paymentRepo(documents: Documents, ledger: LedgerRepo): PaymentRepo {
  const collection = documents.collection<Payment>({
    name: 'payments',
    indexes: [{ keys: { orderId: 1 }, unique: true }, { keys: { intentId: 1 } }, { keys: { dueAt: 1 } }, outboxIndex],
  })
  return {
    ...outboxRepo(collection, { batch: documents.batch, planRecord: ledger.planRecord }),
    byOrder: (orderId) => collection.findOne({ orderId }),
    planFindByIntent: (intentId) => collection.plan({ action: 'findOne', filter: { intentId } }),
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
  ofPayment(paymentId: PaymentId): Promise<Transaction[]>
  /** The write that records transactions; those that are there already stay as they are. */
  planRecord(transactions: readonly Transaction[]): Planned
}

export function ledgerRepo(documents: Documents): LedgerRepo {
  const collection = documents.collection<Transaction>({ name: 'ledger', indexes: [{ keys: { paymentId: 1 } }] })
  return {
    ofPayment: (paymentId) => collection.find({ paymentId }),
    planRecord: (transactions) => collection.plan({ action: 'insertMany', documents: [...transactions], ordered: false }),
  }
}

/** A webhook event that was acted on. */
type Receipt = { _id: string; at: Instant }

export type ReceiptRepo = {
  planFind(provider: ProviderName, eventId: string): { target: Target; operation: OperationOf<'findOne'> }
  /** Records an event, so that its redelivery is answered without looking further. */
  record(provider: ProviderName, eventId: string, at: Instant): Promise<void>
  deleteBefore(at: Instant): Promise<void>
}

export function receiptRepo(documents: Documents): ReceiptRepo {
  const collection = documents.collection<Receipt>({ name: 'webhook_receipts', indexes: [{ keys: { at: 1 } }] })
  const idOf = (provider: ProviderName, eventId: string) => `${provider}:${eventId}`
  return {
    planFind: (provider, eventId) => collection.plan({ action: 'findOne', filter: { _id: idOf(provider, eventId) } }),
    record: async (provider, eventId, at) => {
      await collection.insertIfAbsent({ _id: idOf(provider, eventId), at })
    },
    deleteBefore: async (at) => {
      await collection.deleteMany({ at: { $lt: at } })
    },
  }
}

type WebhookRepos = {
  documents: Pick<Documents, 'batch'>
  receipts: Pick<ReceiptRepo, 'planFind'>
  payments: Pick<PaymentRepo, 'planFindByIntent'>
}

/** What a webhook is about, in one round trip: whether its event was acted on before, and the payment of its intent. */
export async function findForWebhook(
  { documents, receipts, payments }: WebhookRepos,
  provider: ProviderName,
  eventId: string,
  intentId: IntentId,
): Promise<{ isKnown: boolean; payment: Payment | null }> {
  const [receipt, found] = await documents.batch([receipts.planFind(provider, eventId), payments.planFindByIntent(intentId)])
  return { isKnown: receipt.document !== null, payment: found.document as Payment | null }
}
