import { z } from '@hono/zod-openapi'
import { type DeadLetter, type DeadLetterSummary, deadLetterStates } from '../../shared/contracts/audit'
import { consumers, EnvelopeSchema, type EventName, events, workers } from '../../shared/contracts/events'
import { iso } from '../../shared/contracts/ids'
import type { Replay } from './replay-types'
import type { Row } from './row'
import { reasons } from './verification'

export const TypeSchema = z.enum(Object.keys(events) as [EventName, ...EventName[]])
export const WorkerSchema = z.enum(workers)
export const ConsumerSchema = z.enum(workers).refine((worker) => consumers.includes(worker), 'consumes nothing')
/** An instant, ISO 8601 with a zone. */
export const InstantSchema = z.iso.datetime({ offset: true }).max(40)

/** `<worker>:<event or message id>`, possibly with a suffix. */
export const DeadLetterIdSchema = z
  .string()
  .regex(new RegExp(`^(${consumers.join('|')}):[A-Za-z0-9][A-Za-z0-9_:-]{0,99}$`))
  .openapi({ example: 'order:evt_01jd3g5x8zq4m6v9b2c7n1k0hr' })

export const RowDto = z
  .object({
    id: z.string().openapi({ example: '2026-01-31:000000042' }),
    eventId: z.string(),
    type: TypeSchema,
    subject: z.string(),
    userId: z.string().nullable(),
    recordedAt: z.iso.datetime(),
    event: EnvelopeSchema,
    previous: z.string(),
    hash: z.string(),
  })
  .openapi('AuditRow')

export const toRowDto = ({ _id, eventId, type, subject, userId, recordedAt, envelope, previous, hash }: Row) => ({
  ...{ id: _id, eventId, type, subject, userId, recordedAt: iso(recordedAt), event: envelope, previous, hash },
})

/** An event with the Workers that it goes to, and the instant at which audit recorded it, in epoch milliseconds. */
export const RecordedEventDto = z.looseObject({ id: z.string(), type: z.string() })

export const toRecordedEventDto = ({ envelope, recordedAt }: Row) => ({
  ...envelope,
  to: [...events[envelope.type].to],
  seenAt: recordedAt,
})

export const VerificationDto = z
  .object({
    ok: z.boolean(),
    rows: z.int(),
    days: z.int(),
    firstBroken: z.object({ id: z.string(), reason: z.enum(reasons) }).nullable(),
    next: z.string().nullable().openapi({ description: 'The cursor of the next part; null when there is none' }),
  })
  .openapi('AuditVerification')

export const ReplayDto = z
  .object({
    id: z.string(),
    to: WorkerSchema,
    from: z.iso.datetime(),
    until: z.iso.datetime(),
    types: z.array(TypeSchema),
    status: z.enum(['running', 'done']),
    sent: z.int(),
    createdAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .openapi('Replay')

export const toReplayDto = ({ _id, to, from, until, types, status, sent, createdAt, finishedAt }: Replay) => ({
  ...{ id: _id, to, from: iso(from), until: iso(until), types, status, sent, createdAt: iso(createdAt) },
  finishedAt: finishedAt === null ? null : iso(finishedAt),
})

export const DeadLetterSummaryDto = z
  .object({
    id: DeadLetterIdSchema,
    worker: WorkerSchema,
    type: z.string().nullable(),
    eventId: z.string().nullable(),
    error: z.string(),
    attempts: z.int(),
    parked: z.int(),
    failedAt: z.iso.datetime(),
    state: z.enum(deadLetterStates),
    settled: z.object({ by: z.string(), at: z.iso.datetime(), reason: z.string().nullable() }).nullable(),
  })
  .openapi('DeadLetterSummary')

export const DeadLetterDto = DeadLetterSummaryDto.extend({ body: z.unknown() }).openapi('DeadLetter')

export function toDeadLetterSummaryDto({ _id, failedAt, settled, ...rest }: DeadLetterSummary) {
  const { worker, type, eventId, error, attempts, parked, state } = rest
  const resolution = settled && { ...settled, at: iso(settled.at) }
  return { id: _id, worker, type, eventId, error, attempts, parked, failedAt: iso(failedAt), state, settled: resolution }
}

export const toDeadLetterDto = (deadLetter: DeadLetter) => ({
  ...toDeadLetterSummaryDto(deadLetter),
  body: deadLetter.body,
})
