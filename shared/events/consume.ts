import { AppError, problems } from '../contracts/errors'
import {
  type Envelope,
  EnvelopeSchema,
  type EventName,
  events,
  type Handlers,
  replayable,
  type WorkerName,
} from '../contracts/events'
import { type Instant, iso } from '../contracts/ids'
import { logger } from '../runtime/logger'
import { withTimeout } from '../runtime/with-timeout'
import { type DeadLetters, park } from './dead-letters'

/** What the consumer needs of a Worker's deps. */
export type ConsumerDeps = { deadLetters: DeadLetters; now: () => Instant }

export type ConsumerOptions = {
  random?: () => number
  /** Milliseconds that a handler may take: one that hangs is tried again, and holds up no more than its own message. */
  timeoutMs?: number
}

/**
 * Seconds until the next attempt: up to 1, 2, 4 … `most`, and at least half of that, so that what failed together does not come back
 * together. The first comes soon because most failures are a conflict or a restart.
 */
export function backoff(attempts: number, random: () => number = Math.random, most = 60): number {
  const longest = Math.min(most, 2 ** Math.max(0, attempts - 1))
  return Math.ceil(longest * (1 - random() / 2))
}

/** After the dead-letter queue there is nothing: its tries are spread over days, for as long as the platform keeps a message. */
const parkedBackoff = 3_600

/**
 * The one way in which events are consumed. What does not parse or can never succeed goes to the dead letters and is acked;
 * anything else is retried with backoff, until the platform moves it to the dead-letter queue, which this consumer stores.
 * Messages of a batch run concurrently: handlers are idempotent and indifferent to order.
 */
export function consumer<W extends WorkerName, Env, Deps extends ConsumerDeps>(
  worker: W,
  handlers: Handlers<W, Deps>,
  depsFrom: (env: Env, traceparent?: string) => Deps,
  { random, timeoutMs = 30_000 }: ConsumerOptions = {},
) {
  return async (batch: MessageBatch, env: Env): Promise<void> => {
    const parked = batch.queue.endsWith('-dlq')
    const deliveries = batch.messages.map((message) => ({
      message,
      event: parked ? undefined : knownEvent(message.body, handlers),
    }))
    await Promise.all(
      deliveries.map(async ({ message, event }) => {
        try {
          if (parked) await parkMessage(message, worker, depsFrom(env), new Error('Retries are used up'))
          else if (!event) await parkMessage(message, worker, depsFrom(env), new Error('Not an event this Worker knows'))
          else await handle(message, event, { worker, handlers, timeoutMs }, depsFrom(env, event.traceparent))
          message.ack()
        } catch (error) {
          logger.warn('event will be retried', { worker, messageId: message.id, attempts: message.attempts, error })
          const wait = backoff(message.attempts, random, parked ? parkedBackoff : undefined)
          // Never sooner than the backoff, or an outage that says when to come back uses up the tries in no time.
          message.retry({ delaySeconds: Math.max(wait, AppError.from(error)?.meta.retryAfter ?? 0) })
        }
      }),
    )
  }
}

async function handle<W extends WorkerName, Deps extends ConsumerDeps>(
  message: Message,
  event: Envelope,
  { worker, handlers, timeoutMs }: { worker: W; handlers: Handlers<W, Deps>; timeoutMs: number },
  deps: Deps,
): Promise<void> {
  try {
    if (event.replay && !replayable.includes(worker)) throw new AppError('replay_refused')
    await withTimeout(timeoutMs, async () => handlerOf(handlers, event.type)?.(event, deps))
  } catch (error) {
    const known = AppError.from(error)
    if (!known || problems[known.code].retry) throw error
    await parkMessage(message, worker, deps, error as Error)
  }
}

/** The event in a message; undefined when it is none, or none that this Worker consumes. */
function knownEvent<W extends WorkerName, Deps>(body: unknown, handlers: Handlers<W, Deps>): Envelope | undefined {
  const envelope = parseEnvelope(body)
  return envelope && handlerOf(handlers, envelope.type) ? envelope : undefined
}

/** The handler of an event; undefined for one that this Worker does not consume. */
function handlerOf<W extends WorkerName, Deps>(handlers: Handlers<W, Deps>, type: EventName) {
  const byName = handlers as unknown as Record<EventName, ((event: Envelope, deps: Deps) => Promise<void>) | undefined>
  return Object.hasOwn(handlers, type) ? byName[type] : undefined
}

/** The envelope with its data checked against the catalogue; undefined when it is not one. */
export function parseEnvelope(body: unknown): Envelope | undefined {
  const envelope = EnvelopeSchema.safeParse(body)
  if (!envelope.success) return undefined
  const data = events[envelope.data.type].data.safeParse(envelope.data.data)
  return data.success ? ({ ...envelope.data, data: data.data } as Envelope) : undefined
}

async function parkMessage(message: Message, worker: WorkerName, deps: ConsumerDeps, error: Error): Promise<void> {
  const envelope = EnvelopeSchema.safeParse(message.body)
  logger.error('event is parked', { worker, messageId: message.id, at: iso(deps.now()), error })
  await park(deps.deadLetters, {
    _id: `${worker}:${envelope.data?.id ?? message.id}`,
    worker,
    type: envelope.data?.type ?? null,
    eventId: envelope.data?.id ?? null,
    body: message.body ?? null,
    error: `${error.name}: ${error.message}`,
    attempts: message.attempts,
    failedAt: deps.now(),
  })
}
