import type { OrderApi } from '../../shared/contracts/order'
import { breakerOf } from '../../shared/runtime/circuit-breaker'
import { perEnvironment } from '../../shared/runtime/per-environment'
import { client } from '../../shared/runtime/rpc'
import { type BaseDeps, baseDeps, type DepsOverrides, documentsOf } from '../../shared/worker/base-deps'
import { type PaymentProvider, type ProviderName, withBreaker } from './provider'
import { type LedgerRepo, ledgerRepo, type PaymentRepo, paymentRepo, type ReceiptRepo, receiptRepo } from './repo'
import { sandbox } from './sandbox'

export type Deps = BaseDeps<'payment'> & {
  payments: PaymentRepo
  ledger: LedgerRepo
  receipts: ReceiptRepo
  order: Pick<OrderApi, 'payable'>
  providers: Record<ProviderName, PaymentProvider>
  /** Takes the money of new orders. */
  provider: ProviderName
}

const partsOf = perEnvironment((env: PaymentEnv) => {
  const documents = documentsOf('payment', env)
  const ledger = ledgerRepo(documents)
  return {
    payments: paymentRepo(documents, ledger),
    ledger,
    receipts: receiptRepo(documents),
    order: client<OrderApi>(env.ORDER),
    providers: { sandbox: withBreaker(breakerOf(env, 'payment-provider'), sandbox(env)) },
    provider: 'sandbox' as const,
  }
})

export const depsFrom = (env: PaymentEnv, traceparent?: string, overrides?: DepsOverrides): Deps => ({
  ...baseDeps('payment', env, traceparent, overrides),
  ...partsOf(env),
})
