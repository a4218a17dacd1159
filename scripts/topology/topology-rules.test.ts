import { describe, expect, test } from 'vitest'
import type { WorkerConfig } from '../support/configs.ts'
import { type Catalogue, findDisagreements } from './topology-rules.ts'

const catalogue: Catalogue = { 'order.created': { from: 'order', to: ['payment'] } }
const toAudit = { binding: 'QUEUE_AUDIT', queue: 'credenza-audit' }

function config(worker: string, queues: Partial<WorkerConfig['queues']> = {}, more: Partial<WorkerConfig> = {}): WorkerConfig {
  return {
    worker,
    path: `wrangler/${worker}.jsonc`,
    name: `credenza-${worker}`,
    main: `../workers/${worker}/index.ts`,
    compatibility_date: '2026-11-01',
    workers_dev: false,
    vars: { ENVIRONMENT: 'production' },
    secrets: { required: [] },
    services: [],
    queues: { producers: [], consumers: [], ...queues },
    triggers: { crons: [] },
    ...more,
  }
}

const producer = { binding: 'QUEUE_PAYMENT', queue: 'credenza-payment' }
const consumer = { queue: 'credenza-payment', max_batch_timeout: 0, max_retries: 20, dead_letter_queue: 'credenza-payment-dlq' }
const deadLetters = { queue: 'credenza-payment-dlq', max_batch_timeout: 0, max_retries: 100 }
const order = config('order', { producers: [producer, toAudit] })
const deadLettersOfPayment = { binding: 'DEAD_LETTERS_PAYMENT', service: 'credenza-payment', entrypoint: 'DeadLettersRpc' }
const auditOf = (consumers: WorkerConfig['queues']['consumers'], services: WorkerConfig['services'] = [deadLettersOfPayment]) =>
  config('audit', { producers: [producer, toAudit], consumers }, { services })
function serviceOf(worker: string) {
  return { binding: worker.toUpperCase(), service: `credenza-${worker}` }
}
const payment = config('payment', { consumers: [consumer, deadLetters] })
const ledgerOf = {
  ...{ queue: 'credenza-audit', max_batch_timeout: 1, max_concurrency: 1, max_retries: 20 },
  dead_letter_queue: 'credenza-audit-dlq',
}
const deadLettersOfAudit = { ...deadLetters, queue: 'credenza-audit-dlq' }
const audit = auditOf([ledgerOf, deadLettersOfAudit])
const gateway = config('gateway', {}, { workers_dev: true, services: ['order', 'payment', 'audit'].map(serviceOf) })

/** What is wrong with these configs, when the lists name every one of them. */
function faultsOf(configs: readonly WorkerConfig[]): string[] {
  const workers = configs.map(({ worker }) => worker)
  return findDisagreements({ configs, catalogue, workers, references: workers.map((worker) => `./workers/${worker}`) })
}

describe('configs against the catalogue', () => {
  test('nothing is found when they agree', () => {
    expect(faultsOf([order, payment, audit, gateway])).toEqual([])
  })

  test.each([
    ['a missing producer', config('order', { producers: [toAudit] }), payment, /no producer QUEUE_PAYMENT/],
    ['an event that audit does not get', config('order', { producers: [producer] }), payment, /no producer QUEUE_AUDIT/],
    [
      'a producer that no event needs',
      order,
      config('payment', { ...payment.queues, producers: [producer] }),
      /QUEUE_PAYMENT is surplus/,
    ],
    [
      'a producer to the wrong queue',
      config('order', { producers: [{ ...producer, queue: 'x' }, toAudit] }),
      payment,
      /sends to x/,
    ],
    ['a missing consumer', order, config('payment', { consumers: [deadLetters] }), /no consumer of credenza-payment$/],
    [
      'a missing consumer of the dead letters',
      order,
      config('payment', { consumers: [consumer] }),
      /no consumer of credenza-payment-dlq/,
    ],
    [
      'a consumer that no event feeds',
      config('order', { ...order.queues, consumers: [{ ...consumer, queue: 'y' }] }),
      payment,
      /y is surplus/,
    ],
    [
      'no dead-letter queue',
      order,
      config('payment', { consumers: [{ ...deadLetters, queue: 'credenza-payment', max_retries: 20 }, deadLetters] }),
      /dead_letter_queue/,
    ],
    [
      'a slow batch',
      order,
      config('payment', { consumers: [{ ...consumer, max_batch_timeout: 1 }, deadLetters] }),
      /max_batch_timeout 0/,
    ],
    [
      'a dead-letter queue with few retries',
      order,
      config('payment', { consumers: [consumer, { ...deadLetters, max_retries: 5 }] }),
      /payment-dlq must have max_retries 100/,
    ],
    ['dates that differ', order, { ...payment, compatibility_date: '2026-10-01' }, /compatibility date 2026-10-01/],
    [
      'an unknown service',
      { ...order, services: [{ binding: 'X', service: 'credenza-x', entrypoint: 'X' }] },
      payment,
      /does not exist/,
    ],
    [
      'a service without entrypoint',
      { ...order, services: [{ binding: 'P', service: 'credenza-payment' }] },
      payment,
      /no entrypoint/,
    ],
    ['undeclared secrets', { ...order, secrets: undefined }, payment, /secrets\.required/],
    ['a public address', { ...order, workers_dev: true }, payment, /workers_dev must be false/],
    ['a Worker that does not exist', order, undefined, /names payment, which has no wrangler config/],
  ])('%s is found', (_what, first, second, message) => {
    expect(faultsOf(second ? [first, second] : [first])).toEqual([expect.stringMatching(message)])
  })

  test.each([
    [
      'an audit Worker that cannot send events again',
      config('audit', { ...audit.queues, producers: [toAudit] }, { services: audit.services }),
      /publishes to payment/,
    ],
    [
      'an audit Worker with small batches',
      auditOf([{ ...ledgerOf, max_batch_timeout: 0 }, deadLettersOfAudit]),
      /max_batch_timeout 1/,
    ],
    [
      'an audit Worker with several consumers at once',
      auditOf([{ ...ledgerOf, max_concurrency: 10 }, deadLettersOfAudit]),
      /max_concurrency 1/,
    ],
  ])('%s is found', (_what, audit, message) => {
    expect(faultsOf([order, payment, audit])).toEqual([expect.stringMatching(message)])
  })

  test.each([
    [
      'a Worker that the gateway has no binding to',
      [order, payment, audit, { ...gateway, services: gateway.services.filter(({ binding }) => binding !== 'PAYMENT') }],
      /^wrangler\/gateway\.jsonc: no service binding PAYMENT to credenza-payment; the gateway speaks to every Worker$/,
    ],
    [
      'a consumer whose dead letters audit cannot read',
      [order, payment, auditOf(audit.queues.consumers, [])],
      /^wrangler\/audit\.jsonc: no service binding DEAD_LETTERS_PAYMENT to DeadLettersRpc of credenza-payment; audit reads/,
    ],
    [
      'a dead-letter binding to another entrypoint',
      [order, payment, auditOf(audit.queues.consumers, [{ ...deadLettersOfPayment, entrypoint: 'PaymentRpc' }])],
      /no service binding DEAD_LETTERS_PAYMENT/,
    ],
    [
      'a dead-letter binding to a Worker without an inbox',
      [
        order,
        payment,
        auditOf(audit.queues.consumers, [
          deadLettersOfPayment,
          { ...deadLettersOfPayment, binding: 'DEAD_LETTERS_ORDER', service: 'credenza-order' },
        ]),
      ],
      /DEAD_LETTERS_ORDER is surplus/,
    ],
  ])('%s is found', (_what, configs, message) => {
    expect(faultsOf(configs)).toEqual([expect.stringMatching(message)])
  })

  test.each([
    ['a config that the list of Workers does not name', { workers: ['order'] }, /payment\.jsonc: .* does not list payment/],
    [
      'a listed Worker without a config',
      { workers: ['order', 'payment', 'review'] },
      /lists review, which has no wrangler config/,
    ],
    ['a Worker whose types nothing checks', { references: ['./workers/order'] }, /tsconfig\.json has no reference to .*payment/],
  ])('%s is found', (_what, change, message) => {
    const agreeing = { workers: ['order', 'payment'], references: ['./workers/order', './workers/payment'] }
    const faults = findDisagreements({ configs: [order, payment], catalogue, ...agreeing, ...change })
    expect(faults).toEqual([expect.stringMatching(message)])
  })
})
