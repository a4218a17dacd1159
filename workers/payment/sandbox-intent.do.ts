import { DurableObject } from 'cloudflare:workers'
import { AppError } from '../../shared/contracts/errors'
import { type Instant, newId, type OrderId } from '../../shared/contracts/ids'
import type { Money } from '../../shared/contracts/money'
import { backoff } from '../../shared/events/consume'
import { logger } from '../../shared/runtime/logger'
import { migrate } from '../../shared/storage/migrations'
import { migrations } from './migrations'
import type { Intent, IntentId } from './provider'
import {
  canceledIntent,
  confirmedIntent,
  createdIntent,
  processedIntent,
  refundedIntent,
  type SandboxIntent,
  type WebhookType,
  webhookTypes,
} from './sandbox-intent'
import { sign, signatureHeader } from './signature'

/** The verbs of one sandbox intent. Each is idempotent by its key and answers the intent as it now is. */
export interface SandboxIntentApi {
  create(id: IntentId, orderId: OrderId, amount: Money, key: string): Promise<Intent>
  confirm(paymentMethod: string, key: string): Promise<Intent>
  cancel(): Promise<Intent>
  refund(amount: number, key: string): Promise<Intent>
  retrieve(): Promise<Intent | null>
}

type Surroundings = {
  now: () => Instant
  /** Milliseconds from a confirmation to its outcome, and from a change to the first delivery of its webhook. */
  decideAfter: Instant
  /** Milliseconds from a failed delivery to the next, by the number of attempts. */
  retryAfter: (attempts: number) => Instant
  post: (request: Request) => Promise<Response>
}

/** Attempts to deliver a webhook, over about three minutes; after that the receiver's reconciler has to find out by itself. */
export const maxAttempts = 9

/** One payment intent at a provider for development: it behaves as a real one does, and no money moves. */
export class SandboxIntentDO extends DurableObject<PaymentEnv> implements SandboxIntentApi {
  readonly #sql: SqlStorage
  /** The sandbox's clock, delays and receiver of webhooks; tests replace them. */
  surroundings: Surroundings = {
    now: Date.now,
    decideAfter: Number(this.env.SANDBOX_DECIDE_MS),
    // There is only one sender, so retries need no jitter.
    retryAfter: (attempts) => backoff(attempts, () => 0) * 1000,
    post: (request) => this.ctx.exports.default.fetch(request),
  }

  constructor(state: DurableObjectState, env: PaymentEnv) {
    super(state, env)
    this.#sql = state.storage.sql
    migrate(state.storage, migrations)
  }

  async create(id: IntentId, orderId: OrderId, amount: Money, key: string): Promise<Intent> {
    return this.#runOnce(`create:${key}`, { id, orderId, amount }, () => this.#write(createdIntent(id, orderId, amount)))
  }

  async confirm(paymentMethod: string, key: string): Promise<Intent> {
    return this.#runOnce(`confirm:${key}`, { paymentMethod }, () => this.#write(confirmedIntent(this.#require(), paymentMethod)))
  }

  async cancel(): Promise<Intent> {
    return this.#runOnce('cancel', {}, () => {
      const canceled = canceledIntent(this.#require())
      if (canceled) this.#write(canceled, webhookTypes.canceled)
    })
  }

  async refund(amount: number, key: string): Promise<Intent> {
    return this.#runOnce(`refund:${key}`, { amount }, () =>
      this.#write(refundedIntent(this.#require(), amount, key), webhookTypes.refunded),
    )
  }

  async retrieve(): Promise<Intent | null> {
    return this.#read()
  }

  /** Decides what is being processed, then delivers waiting webhooks. An alarm that runs early does no harm. */
  override async alarm(): Promise<void> {
    this.ctx.storage.transactionSync(() => {
      const decided = processedIntent(this.#require())
      if (decided) this.#write(decided, decided.status === 'succeeded' ? webhookTypes.succeeded : webhookTypes.failed)
    })
    const attempts = await this.#deliver()
    if (attempts === null) return
    // Another call may have set an earlier alarm while the webhooks were on their way.
    const due = this.surroundings.now() + this.surroundings.retryAfter(attempts)
    const set = await this.ctx.storage.getAlarm()
    if (set === null || set > due) await this.ctx.storage.setAlarm(due)
  }

  /** Delivers waiting webhooks. Returns the fewest attempts that one of those still waiting has had; null when none waits. */
  async #deliver(): Promise<number | null> {
    const waiting = this.#sql
      .exec<{ seq: number; body: string }>('SELECT seq, body FROM webhooks WHERE attempts < ? ORDER BY seq', maxAttempts)
      .toArray()
    for (const { seq, body } of waiting) {
      if (await this.#send(body)) this.#sql.exec('DELETE FROM webhooks WHERE seq = ?', seq)
      else this.#sql.exec('UPDATE webhooks SET attempts = attempts + 1 WHERE seq = ?', seq)
    }
    const { attempts } = this.#sql
      .exec<{ attempts: number | null }>('SELECT MIN(attempts) AS attempts FROM webhooks WHERE attempts < ?', maxAttempts)
      .one()
    return attempts
  }

  /** Returns whether the receiver accepted it. */
  async #send(body: string): Promise<boolean> {
    const { now, post } = this.surroundings
    try {
      const headers = {
        [signatureHeader]: await sign(body, this.env.SANDBOX_WEBHOOK_SECRET, now()),
        'content-type': 'application/json',
      }
      const response = await post(
        new Request('http://credenza-payment/v1/payments/webhooks/sandbox', { method: 'POST', headers, body }),
      )
      await response.body?.cancel()
      return response.ok
    } catch (error) {
      logger.warn('sandbox webhook was not delivered', { error })
      return false
    }
  }

  /** Runs `work` once per key; the same key with another request is an error. All of it is one synchronous transaction. */
  async #runOnce(key: string, request: object, work: () => void): Promise<Intent> {
    const body = JSON.stringify(request)
    this.ctx.storage.transactionSync(() => {
      const [before] = this.#sql.exec<{ request: string }>('SELECT request FROM operations WHERE key = ?', key).toArray()
      if (before && before.request !== body) throw new AppError('idempotency_key_reused')
      if (before) return
      work()
      this.#sql.exec('INSERT INTO operations (key, request) VALUES (?, ?)', key, body)
    })
    const intent = this.#require()
    const waits = this.#sql.exec('SELECT 1 FROM webhooks WHERE attempts = 0 LIMIT 1').toArray().length > 0
    if (intent.status !== 'processing' && !waits) return intent
    // No await since the transaction: the platform commits the alarm together with it.
    await this.ctx.storage.setAlarm(this.surroundings.now() + this.surroundings.decideAfter)
    return intent
  }

  #read(): SandboxIntent | null {
    const [row] = this.#sql.exec<{ body: string }>('SELECT body FROM intent').toArray()
    return row ? (JSON.parse(row.body) as SandboxIntent) : null
  }

  #require(): SandboxIntent {
    const intent = this.#read()
    if (!intent) throw new AppError('not_found', 'There is no such intent')
    return intent
  }

  /** Writes the intent's next state and, when there is one, its webhook. */
  #write(intent: SandboxIntent, webhook?: WebhookType): void {
    this.#sql.exec(
      'INSERT INTO intent (singleton, body) VALUES (1, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
      JSON.stringify(intent),
    )
    if (!webhook) return
    const created = Math.floor(this.surroundings.now() / 1000)
    this.#sql.exec(
      'INSERT INTO webhooks (body) VALUES (?)',
      JSON.stringify({ id: newId('whk'), type: webhook, created, data: { object: intent } }),
    )
  }
}
