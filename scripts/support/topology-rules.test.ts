import { describe, expect, test } from 'vitest'
import type { WorkerConfig } from './configs.ts'
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
const auditOf = (consumers: WorkerConfig['queues']['consumers']) => config('audit', { producers: [producer, toAudit], consumers })
const payment = config('payment', { consumers: [consumer, deadLetters] })
const ledgerOf = {
  ...{ queue: 'credenza-audit', max_batch_timeout: 1, max_concurrency: 1, max_retries: 20 },
  dead_letter_queue: 'credenza-audit-dlq',
}
const lettersOf = { ...deadLetters, queue: 'credenza-audit-dlq' }

describe('configs against the catalogue', () => {
  test('nothing is found when they agree', () => {
    expect(findDisagreements([order, payment, auditOf([ledgerOf, lettersOf])], catalogue)).toEqual([])
  })

  test.each([
    ['a missing producer', config('order', { producers: [toAudit] }), payment, /no producer QUEUE_PAYMENT/],
    ['events that audit does not get', config('order', { producers: [producer] }), payment, /no producer QUEUE_AUDIT/],
    [
      'a producer nobody needs',
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
      'a consumer nobody feeds',
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
      'dead letters that are given up soon',
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
    ['a Worker that is not there', order, undefined, /names payment, which has no wrangler config/],
  ])('%s is found', (_what, first, second, message) => {
    const faults = findDisagreements(second ? [first, second] : [first], catalogue)
    expect(faults).toEqual([expect.stringMatching(message)])
  })

  test.each([
    [
      'an auditor that cannot send again',
      config('audit', { producers: [toAudit], consumers: [ledgerOf, lettersOf] }),
      /publishes to payment/,
    ],
    ['an auditor of small batches', auditOf([{ ...ledgerOf, max_batch_timeout: 0 }, lettersOf]), /max_batch_timeout 1/],
    ['auditors who get in each other’s way', auditOf([{ ...ledgerOf, max_concurrency: 10 }, lettersOf]), /max_concurrency 1/],
  ])('%s is found', (_what, audit, message) => {
    expect(findDisagreements([order, payment, audit], catalogue)).toEqual([expect.stringMatching(message)])
  })
})
