import { auditor } from '../../shared/contracts/events'
import type { WorkerConfig } from './configs.ts'

/** What the topology rules need of the event catalogue. */
export type Catalogue = Record<string, { from: string; to: readonly string[] }>

const inbox = (worker: string) => `credenza-${worker}`
const deadLetters = (worker: string) => `${inbox(worker)}-dlq`
const bindingOf = (worker: string) => `QUEUE_${worker.toUpperCase().replaceAll('-', '_')}`

/** Where the configs and the event catalogue disagree, one sentence each; empty when they agree. */
export function findDisagreements(configs: readonly WorkerConfig[], catalogue: Catalogue): string[] {
  const workers = new Set(configs.map(({ worker }) => worker))
  return [
    ...Object.entries(catalogue).flatMap(([event, { from, to }]) =>
      [from, ...to]
        .filter((worker) => !workers.has(worker))
        .map((worker) => `${event} names ${worker}, which has no wrangler config`),
    ),
    ...configs.flatMap((config) => [
      ...findIdentity(config),
      ...findProducers(config, catalogue),
      ...findConsumers(config, catalogue),
      ...findServices(config, workers),
    ]),
    ...findDates(configs),
  ]
}

function findIdentity({ worker, path, name, main, workers_dev, secrets, vars }: WorkerConfig): string[] {
  const isPublic = worker === 'gateway' || worker === 'storefront'
  return [
    ...(name === inbox(worker) ? [] : [`${path}: the name is ${name}, not ${inbox(worker)}`]),
    ...(main === `../workers/${worker}/index.ts` ? [] : [`${path}: main is ${main}, not ../workers/${worker}/index.ts`]),
    ...(workers_dev === isPublic ? [] : [`${path}: workers_dev must be ${isPublic}`]),
    ...(secrets ? [] : [`${path}: no secrets.required; without it, local runs give the Worker every secret there is`]),
    ...(vars.ENVIRONMENT === 'production' ? [] : [`${path}: the var ENVIRONMENT must be production; local runs override it`]),
  ]
}

/** Whom a Worker sends to: audit what it sends to anyone; audit itself, which replays and redrives, to everyone with an inbox. */
function receiversOf(worker: string, catalogue: Catalogue): ReadonlySet<string> {
  const entries = Object.values(catalogue)
  if (worker === auditor) return new Set([...entries.flatMap(({ to }) => to), auditor])
  return new Set(entries.flatMap(({ from, to }) => (from === worker ? [...to, auditor] : [])))
}

function findProducers({ worker, path, queues }: WorkerConfig, catalogue: Catalogue): string[] {
  const wanted = receiversOf(worker, catalogue)
  const bound = new Set(queues.producers.map(({ binding }) => binding))
  const missing = [...wanted].filter((to) => !bound.has(bindingOf(to)))
  const surplus = queues.producers.filter(({ binding }) => ![...wanted].some((to) => bindingOf(to) === binding))
  const crossed = queues.producers.filter(({ binding, queue }) =>
    [...wanted].some((to) => bindingOf(to) === binding && queue !== inbox(to)),
  )
  return [
    ...missing.map((to) => `${path}: publishes to ${to} but has no producer ${bindingOf(to)}`),
    ...surplus.map(({ binding }) => `${path}: producer ${binding} is surplus, no event of ${worker} goes there`),
    ...crossed.map(({ binding, queue }) => `${path}: producer ${binding} sends to ${queue}`),
  ]
}

function findConsumers({ worker, path, queues }: WorkerConfig, catalogue: Catalogue): string[] {
  const consumes = worker === auditor || Object.values(catalogue).some(({ to }) => to.includes(worker))
  const wanted = consumes ? [inbox(worker), deadLetters(worker)] : []
  const found = queues.consumers.map(({ queue }) => queue)
  return [
    ...wanted.filter((queue) => !found.includes(queue)).map((queue) => `${path}: no consumer of ${queue}`),
    ...found.filter((queue) => !wanted.includes(queue)).map((queue) => `${path}: consumer of ${queue} is surplus`),
    ...queues.consumers
      .filter(({ queue, dead_letter_queue }) => queue === inbox(worker) && dead_letter_queue !== deadLetters(worker))
      .map(({ queue }) => `${path}: the consumer of ${queue} must have dead_letter_queue ${deadLetters(worker)}`),
    // The batch timeout is the latency of an event, and the default is five seconds. Nobody waits for audit, which gains by large batches.
    ...queues.consumers
      .map(({ queue, max_batch_timeout }) => ({ queue, max_batch_timeout, timeout: queue === inbox(auditor) ? 1 : 0 }))
      .filter(({ max_batch_timeout, timeout }) => max_batch_timeout !== timeout)
      .map(({ queue, timeout }) => `${path}: the consumer of ${queue} must have max_batch_timeout ${timeout}`),
    ...queues.consumers
      .filter(({ queue, max_concurrency }) => queue === inbox(auditor) && max_concurrency !== 1)
      .map(({ queue }) => `${path}: the consumer of ${queue} must have max_concurrency 1, since the log is one chain`),
    // An outage of a quarter of an hour parks nothing; behind the dead letters there is nothing more, so they are tried for days.
    ...queues.consumers
      .map(({ queue, max_retries }) => ({ queue, max_retries, wanted: queue === deadLetters(worker) ? 100 : 20 }))
      .filter(({ max_retries, wanted }) => max_retries !== wanted)
      .map(({ queue, wanted: tries }) => `${path}: the consumer of ${queue} must have max_retries ${tries}`),
  ]
}

function findServices({ worker, path, services }: WorkerConfig, workers: ReadonlySet<string>): string[] {
  return services.flatMap(({ binding, service, entrypoint }) => {
    const target = service.replace('credenza-', '')
    if (!workers.has(target) || service !== inbox(target))
      return [`${path}: binding ${binding} is to ${service}, which does not exist`]
    // Only the gateway speaks HTTP to other Workers; an entrypoint says which verbs the others may call.
    if (worker !== 'gateway' && !entrypoint) return [`${path}: binding ${binding} names no entrypoint of ${service}`]
    return []
  })
}

function findDates(configs: readonly WorkerConfig[]): string[] {
  const [first, ...others] = configs
  return others
    .filter(({ compatibility_date }) => compatibility_date !== first?.compatibility_date)
    .map(
      ({ path, compatibility_date: date }) =>
        `${path}: compatibility date ${date}, but ${first?.path} has ${first?.compatibility_date}`,
    )
}
