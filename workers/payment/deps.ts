import type { OrderApi } from '../../shared/contracts/order'
import { type BaseDeps, baseDeps, type DepsOverrides } from '../../shared/events/deps'
import { type IdempotencyStore, idempotencyStore } from '../../shared/http/idempotency'
import { client } from '../../shared/http/rpc'
import type { PaymentProvider, ProviderName } from './provider'
import { type LedgerRepo, ledgerRepo, type PaymentRepo, paymentRepo, type ReceiptRepo, receiptRepo } from './repo'
import { sandbox } from './sandbox'

export type Deps = BaseDeps<'payment'> & {
  payments: PaymentRepo
  ledger: LedgerRepo
  receipts: ReceiptRepo
  idempotency: IdempotencyStore
  order: OrderApi
  providers: Record<ProviderName, PaymentProvider>
  /** Who takes the money of new orders. */
  provider: ProviderName
}

export function depsFrom(env: PaymentEnv, traceparent?: string, overrides?: DepsOverrides): Deps {
  const base = baseDeps('payment', env, traceparent, overrides)
  return {
    ...base,
    payments: paymentRepo(base.documents),
    ledger: ledgerRepo(base.documents),
    receipts: receiptRepo(base.documents),
    idempotency: idempotencyStore(base.documents),
    order: client<OrderApi>(env.ORDER),
    providers: { sandbox: sandbox(env) },
    provider: 'sandbox',
  }
}
