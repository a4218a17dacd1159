import { z } from '@hono/zod-openapi'
import type { ArrayFilters, Document, Projection, Sort, Update } from '../../../shared/contracts/data'
import { isDocument } from '../documents/values/value'

/** The default and the greatest limit of a find (Atlas Data API reference, "find"). */
const defaultLimit = 1000
const maxLimit = 50_000
/** MongoDB's limit of indexes per collection. */
const maxIndexes = 64

/**
 * An object of any shape, without a copy: the engine checks its content. A zod record would copy it, and lose a field named `__proto__`.
 */
const object = <T extends object = Document>(description: string) =>
  z.custom<T>(isDocument, 'must be an object').openapi({ type: 'object', additionalProperties: true, description })

/** A list of objects, checked as a whole: one issue for each of millions of wrong items would take too much time and memory. */
const objects = <T extends object = Document>(description: string, least = 0) =>
  z
    .custom<T[]>(
      (list) => Array.isArray(list) && list.length >= least && list.every(isDocument),
      least > 0 ? 'must be a list of objects, and not empty' : 'must be a list of objects',
    )
    .openapi({ type: 'array', items: { type: 'object', additionalProperties: true }, minItems: least, description })

const numberTypes = new Set(['$numberInt', '$numberLong', '$numberDouble'])

/** A number in canonical Extended JSON as a plain number; any other value as it is. */
function plainNumber(value: unknown): unknown {
  if (!isDocument(value)) return value
  const [entry, second] = Object.entries(value)
  if (entry === undefined || second !== undefined) return value
  const [type, digits] = entry
  return numberTypes.has(type) && typeof digits === 'string' && digits.trim() !== '' ? Number(digits) : value
}

const plainNumbers = (value: unknown): unknown =>
  isDocument(value) ? Object.fromEntries(Object.entries(value).map(([path, item]) => [path, plainNumber(item)])) : value

const count = (description: string) =>
  z.preprocess(plainNumber, z.int().min(0)).openapi({ type: 'integer', minimum: 0, description })

const sort = z.preprocess(plainNumbers, object<Sort>('')).openapi({
  type: 'object',
  description: 'Paths to sort by, first things first: 1 ascending, -1 descending',
  example: { at: -1 },
})

const Index = z
  .strictObject({
    keys: sort,
    unique: z.boolean().optional(),
    partial: object('Only documents that match belong to the index').optional(),
  })
  .openapi('Index')

/** Options that clients of MongoDB send and that change no answer: they are accepted and ignored. */
export const ignored = {
  comment: z.unknown().openapi({ description: 'Ignored' }).optional(),
  batchSize: count('Ignored: an answer is not cut into batches').optional(),
  let: object('Ignored: what would use a variable is refused').optional(),
}

/** The fields of requests, by their names in the Data API. */
export const fields = {
  dataSource: z.string().min(1).max(200).openapi({ description: 'Any name: there is one data source', example: 'mongodb-atlas' }),
  // The engine refuses other names that are not valid.
  database: z.string().min(1).max(100).openapi({ example: 'todo' }),
  collection: z
    .string()
    .min(1)
    .max(100)
    .regex(/^(?!system\.)/, 'cannot be one of the database itself')
    .openapi({ example: 'tasks' }),
  filter: object('Which documents; all of them without it').default({}),
  projection: z
    .preprocess(plainNumbers, object<Projection>(''))
    .openapi({ type: 'object', description: 'Which fields, 1, or which ones not, 0', example: { text: 1 } })
    .optional(),
  sort: sort.optional(),
  limit: count(`How many at the most. No request gives more than ${maxLimit}`)
    .default(defaultLimit)
    .transform((limit) => (limit === 0 ? maxLimit : Math.min(limit, maxLimit))),
  skip: count('How many to pass over').optional(),
  document: object('A document'),
  documents: objects('Documents', 1),
  ordered: z.boolean().optional().openapi({ description: 'Whether the first refused document ends it; the default is true' }),
  update: object<Update>('Update operators and what they are about'),
  arrayFilters: objects<ArrayFilters[number]>(
    'Which elements a path such as `items.$[line].quantity` means (MongoDB only)',
  ).optional(),
  upsert: z.boolean().optional().openapi({ description: 'Whether to insert when nothing matches' }),
  returnDocument: z.enum(['before', 'after']).optional(),
  pipeline: objects('Aggregation stages'),
  indexes: z
    .custom((list) => Array.isArray(list) && list.length > 0 && list.length <= maxIndexes, `must be a list of 1 to ${maxIndexes}`)
    .pipe(z.array(Index))
    .openapi({ type: 'array', description: `1 to ${maxIndexes} indexes` }),
}
