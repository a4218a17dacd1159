import { AppError, type Meta } from '../../../shared/contracts/errors'
import { invalid, unsupported } from '../documents/values/refusal'
import type { ConnectionState } from './connection-lease'

/** An error of the driver, by its fields, because the driver must not be imported here. */
type Thrown = {
  name?: string
  message?: string
  code?: number | string
  keyPattern?: object
  writeErrors?: unknown
  result?: { insertedCount?: number }
  errorLabels?: string[]
}

/** Source: https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml */
const codes = {
  duplicateKey: new Set([11000, 11001]),
  tooLarge: new Set([10334, 17419, 17420]),
  /** NotImplemented, CommandNotFound, CommandNotSupported, InvalidPipelineOperator, unknown fields of a command or a pipeline. */
  unsupported: new Set([238, 59, 115, 168, 40324, 40234, 40415]),
  /** Authentication, refusals of Atlas, step-downs, shutdowns, time limits and servers that the server could not reach. */
  unavailable: new Set([
    13, 18, 8000, 6, 7, 89, 91, 112, 134, 189, 202, 262, 50, 9001, 10058, 10107, 11600, 11601, 11602, 13388, 13435, 13436,
  ]),
  /** InternalError, UnknownError: faults of the server itself. */
  internal: new Set([1, 8]),
}

/** Messages about an operator that a server does not know; their codes are those of plain mistakes. */
const unknownOperator =
  /unknown (?:top level )?operator|unknown modifier|unrecognized (?:pipeline stage|expression)|unknown field/i

const clientClosed = new Set(['MongoNotConnectedError', 'MongoTopologyClosedError', 'MongoClientClosedError'])
const misuse = new Set(['MongoInvalidArgumentError', 'MongoAPIError', 'BSONError', 'BSONRuntimeError', 'BSONOffsetError'])

/**
 * The refusal that an error of the driver means, with the codes of the embedded engine; undefined for a fault of our own.
 */
export function problemOf(thrown: unknown): AppError | undefined {
  if (thrown instanceof AppError) return thrown
  const error = thrown as Thrown
  const { name = '', message = '' } = error
  if (misuse.has(name)) return isTooLarge(message) ? tooLarge() : invalid(message)
  if (name === 'BSONVersionError' || name === 'MongoCompatibilityError') return unsupported(message)
  if (name === 'RangeError' && isTooLarge(message)) return tooLarge()
  if (!name.startsWith('Mongo')) return undefined
  const code = codeOf(error)
  if (code === undefined) return unavailable()
  const text = writeErrorOf(error)?.errmsg ?? message
  if (codes.duplicateKey.has(code) || isUniqueViolation(text)) return duplicate(error, text)
  if (codes.tooLarge.has(code) || isTooLarge(text)) return tooLarge()
  if (codes.unavailable.has(code) || error.errorLabels?.includes('RetryableWriteError')) return unavailable()
  if (codes.unsupported.has(code) || unknownOperator.test(text)) return unsupported(text)
  return codes.internal.has(code) ? new AppError('internal') : invalid(text)
}

/** The state of a connection after an error. */
export function stateAfter(thrown: unknown): ConnectionState {
  const { name = '', code } = thrown as Thrown
  if (name === 'MongoServerSelectionError' || code === 18 || code === 8000) return 'down'
  return name.startsWith('MongoNetwork') || name === 'MongoPoolClearedError' || clientClosed.has(name) ? 'lost' : 'alive'
}

/** Two seconds, because an election takes some, and a restart more. */
export const unavailable = (detail = 'The database does not answer'): AppError =>
  new AppError('unavailable', detail, { retryAfter: 2 })

const tooLarge = () => new AppError('payload_too_large', 'A document is larger than the database takes')
const isTooLarge = (message: string) => /larger than the maximum size|BSONObj ?size|exceeds? maximum|out of range/i.test(message)

/** FerretDB passes on the message of SQLite when an update breaks a unique index. */
const isUniqueViolation = (message: string) => message.includes('UNIQUE constraint failed')

type WriteError = { code?: number; errmsg?: string; err?: { keyPattern?: object } }

/** The first of a bulk write's errors. */
function writeErrorOf({ writeErrors }: Thrown): WriteError | undefined {
  return [writeErrors].flat()[0] as WriteError | undefined
}

function codeOf(error: Thrown): number | undefined {
  const code = writeErrorOf(error)?.code ?? error.code
  return typeof code === 'number' ? code : undefined
}

function duplicate(error: Thrown, message: string): AppError {
  const pattern = error.keyPattern ?? writeErrorOf(error)?.err?.keyPattern
  const index = pattern === undefined ? keysNamedIn(message) : Object.keys(pattern)
  const inserted = error.result?.insertedCount
  const meta: Meta = { ...(index ? { index } : {}), ...(inserted === undefined ? {} : { done: inserted }) }
  return new AppError('duplicate_key', undefined, meta)
}

/** The key paths of the index that a message names: `index: email_1 dup key` (MongoDB), `index 'users_0a1b2c3d_email_1'` (FerretDB). */
function keysNamedIn(message: string): string[] | undefined {
  const name = /index: (\S+) dup key/.exec(message)?.[1] ?? /index '.*?_[0-9a-f]{8}_(.+?)'/.exec(message)?.[1]
  if (name === undefined) return undefined
  return name === '_id_' ? ['_id'] : [...name.matchAll(/(.+?)_-?1(?:_|$)/g)].map(([, path = '']) => path)
}
