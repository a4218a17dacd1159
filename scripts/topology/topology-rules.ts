import { auditor, bindingName } from '../../shared/contracts/workers'
import type { WorkerConfig } from '../support/configs.ts'

/** What the topology rules need of the event catalogue. */
export type Catalogue = Record<string, { from: string; to: readonly string[] }>

export type Topology = {
  configs: readonly WorkerConfig[]
  catalogue: Catalogue
  /** The list in shared/contracts/workers.ts. */
  workers: readonly string[]
  /** The paths that tsconfig.json refers to, such as `./workers/cart`. */
  references: readonly string[]
}

const gateway = 'gateway'
const inbox = (worker: string) => `credenza-${worker}`
const deadLetters = (worker: string) => `${inbox(worker)}-dlq`
const producerBinding = (worker: string) => `QUEUE_${bindingName(worker)}`
const deadLettersBinding = (worker: string) => `DEAD_LETTERS_${bindingName(worker)}`

/** Where configs, the event catalogue and the lists of Workers disagree, one sentence each; empty when they agree. */
export function findDisagreements({ configs, catalogue, workers, references }: Topology): string[] {
  const configured = new Set(configs.map(({ worker }) => worker))
  return [
    ...workers
      .filter((worker) => !configured.has(worker))
      .map((worker) => `shared/contracts/workers.ts lists ${worker}, which has no wrangler config`),
    ...configs
      .filter(({ worker }) => !workers.includes(worker))
      .map(({ worker, path }) => `${path}: shared/contracts/workers.ts does not list ${worker}`),
    ...configs
      .filter(({ worker }) => !references.includes(`./workers/${worker}`))
      .map(({ worker }) => `tsconfig.json has no reference to ./workers/${worker}, so nothing checks its types`),
    ...Object.entries(catalogue).flatMap(([event, { from, to }]) =>
      [from, ...to]
        .filter((worker) => !configured.has(worker))
        .map((worker) => `${event} names ${worker}, which has no wrangler config`),
    ),
    ...configs.flatMap((config) => [
      ...findIdentity(config),
      ...findProducers(config, catalogue),
      ...findConsumers(config, catalogue),
      ...findServices(config, configured),
      ...findMissingServices(config, catalogue, workers),
    ]),
    ...findDates(configs),
  ]
}

function findIdentity({ worker, path, name, main, workers_dev, secrets, vars }: WorkerConfig): string[] {
  const isPublic = worker === gateway || worker === 'storefront'
  return [
    ...(name === inbox(worker) ? [] : [`${path}: the name is ${name}, not ${inbox(worker)}`]),
    ...(main === `../workers/${worker}/index.ts` ? [] : [`${path}: main is ${main}, not ../workers/${worker}/index.ts`]),
    ...(workers_dev === isPublic ? [] : [`${path}: workers_dev must be ${isPublic}`]),
    ...(secrets ? [] : [`${path}: no secrets.required; without it, local runs give the Worker every secret there is`]),
    ...(vars.ENVIRONMENT === 'production' ? [] : [`${path}: the var ENVIRONMENT must be production; local runs override it`]),
  ]
}

/** Every Worker with an inbox. */
const consumersIn = (catalogue: Catalogue): ReadonlySet<string> =>
  new Set([...Object.values(catalogue).flatMap(({ to }) => to), auditor])

/** The Workers that a Worker sends to. Audit gets every event; it sends to every inbox itself, because it replays and redrives. */
function receiversOf(worker: string, catalogue: Catalogue): ReadonlySet<string> {
  if (worker === auditor) return consumersIn(catalogue)
  return new Set(Object.values(catalogue).flatMap(({ from, to }) => (from === worker ? [...to, auditor] : [])))
}

function findProducers({ worker, path, queues }: WorkerConfig, catalogue: Catalogue): string[] {
  const wanted = receiversOf(worker, catalogue)
  const bound = new Set(queues.producers.map(({ binding }) => binding))
  const missing = [...wanted].filter((to) => !bound.has(producerBinding(to)))
  const surplus = queues.producers.filter(({ binding }) => ![...wanted].some((to) => producerBinding(to) === binding))
  const crossed = queues.producers.filter(({ binding, queue }) =>
    [...wanted].some((to) => producerBinding(to) === binding && queue !== inbox(to)),
  )
  return [
    ...missing.map((to) => `${path}: publishes to ${to} but has no producer ${producerBinding(to)}`),
    ...surplus.map(({ binding }) => `${path}: producer ${binding} is surplus, no event of ${worker} goes there`),
    ...crossed.map(({ binding, queue }) => `${path}: producer ${binding} sends to ${queue}`),
  ]
}

function findConsumers({ worker, path, queues }: WorkerConfig, catalogue: Catalogue): string[] {
  const wanted = consumersIn(catalogue).has(worker) ? [inbox(worker), deadLetters(worker)] : []
  const found = queues.consumers.map(({ queue }) => queue)
  return [
    ...wanted.filter((queue) => !found.includes(queue)).map((queue) => `${path}: no consumer of ${queue}`),
    ...found.filter((queue) => !wanted.includes(queue)).map((queue) => `${path}: consumer of ${queue} is surplus`),
    ...queues.consumers
      .filter(({ queue, dead_letter_queue }) => queue === inbox(worker) && dead_letter_queue !== deadLetters(worker))
      .map(({ queue }) => `${path}: the consumer of ${queue} must have dead_letter_queue ${deadLetters(worker)}`),
    // The batch timeout is the latency of an event; the default is five seconds. Audit gains by large batches, and nobody waits for it.
    ...queues.consumers
      .map(({ queue, max_batch_timeout }) => ({ queue, max_batch_timeout, timeout: queue === inbox(auditor) ? 1 : 0 }))
      .filter(({ max_batch_timeout, timeout }) => max_batch_timeout !== timeout)
      .map(({ queue, timeout }) => `${path}: the consumer of ${queue} must have max_batch_timeout ${timeout}`),
    ...queues.consumers
      .filter(({ queue, max_concurrency }) => queue === inbox(auditor) && max_concurrency !== 1)
      .map(({ queue }) => `${path}: the consumer of ${queue} must have max_concurrency 1, since the log is one chain`),
    // An outage of a quarter of an hour parks nothing. A message that leaves the dead-letter queue is lost, so that queue tries for days.
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
    if (worker !== gateway && !entrypoint) return [`${path}: binding ${binding} names no entrypoint of ${service}`]
    return []
  })
}

type Service = WorkerConfig['services'][number]

/**
 * Both lists are used by name at run time: the gateway fails on the first request to a Worker it has no binding to, and one missing
 * binding of audit fails the list of dead letters of all Workers.
 */
function findMissingServices(
  { worker, path, services }: WorkerConfig,
  catalogue: Catalogue,
  workers: readonly string[],
): string[] {
  const has = (wanted: Service) =>
    services.some(
      ({ binding, service, entrypoint }) =>
        binding === wanted.binding && service === wanted.service && entrypoint === wanted.entrypoint,
    )
  if (worker === gateway) {
    return workers
      .filter((other) => other !== gateway && !has({ binding: bindingName(other), service: inbox(other) }))
      .map((other) => `${path}: no service binding ${bindingName(other)} to ${inbox(other)}; the gateway speaks to every Worker`)
  }
  if (worker !== auditor) return []
  const consumers = [...consumersIn(catalogue)].filter((consumer) => consumer !== auditor)
  const entrypoint = 'DeadLettersRpc'
  return [
    ...consumers
      .filter((consumer) => !has({ binding: deadLettersBinding(consumer), service: inbox(consumer), entrypoint }))
      .map(
        (consumer) =>
          `${path}: no service binding ${deadLettersBinding(consumer)} to ${entrypoint} of ${inbox(consumer)}; ` +
          'audit reads the dead letters of every Worker that consumes events',
      ),
    ...services
      .filter(({ binding }) => binding.startsWith('DEAD_LETTERS_'))
      .filter(({ binding }) => !consumers.some((consumer) => binding === deadLettersBinding(consumer)))
      .map(({ binding }) => `${path}: service binding ${binding} is surplus, no Worker of that name consumes events`),
  ]
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
