import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test'
import type { WorkerName } from '../contracts/events'
import { acknowledgedBy } from './batches'

type QueueHandler<Env> = (batch: MessageBatch, env: Env, context: ExecutionContext) => Promise<void>

/**
 * Delivers messages to a Worker's queue handler and says what became of them: the ids (`m0`, `m1` …) that were acked, and
 * those to be retried with their delay in seconds.
 */
export async function deliver<Env>(
  handler: QueueHandler<Env>,
  env: Env,
  worker: WorkerName,
  bodies: readonly unknown[],
  { attempts = 1, queue = `credenza-${worker}` }: { attempts?: number; queue?: string } = {},
) {
  const batch = createMessageBatch(
    queue,
    bodies.map((body, index) => ({ id: `m${index}`, timestamp: new Date(0), attempts, body })),
  )
  const delays = new Map<string, number | undefined>()
  const context = createExecutionContext()
  await handler(observe(batch, delays), env, context)
  const { explicitAcks, retryMessages } = await getQueueResult(batch, context)
  const retried = retryMessages.map(({ msgId }) => ({ msgId, delaySeconds: delays.get(msgId) }))
  return { acked: [...explicitAcks].sort(), retried }
}

/** The same batch, noting the delays that `getQueueResult` does not report. */
const observe = (batch: MessageBatch, delays: Map<string, number | undefined>): MessageBatch =>
  acknowledgedBy(batch, (message) => ({
    ack: () => message.ack(),
    retry: (options) => {
      delays.set(message.id, options?.delaySeconds)
      message.retry(options)
    },
  }))
