import { Aggregator } from 'mingo/aggregator'
import { Context } from 'mingo/core'
import { Lazy, type Iterator as Stream } from 'mingo/lazy'
import { $limit, $match, $skip } from 'mingo/operators/pipeline'
import type { Document } from '../../../shared/contracts/data'
import { checkFilter } from './filter'
import { checkGroup, groupDocuments } from './group'
import { mingoContext, mingoOptions } from './language'
import { checkProjection, projectDocuments } from './projection'
import { checkSort, sortDocuments } from './sort'
import { invalid, isDocument, unsupported } from './value'

/** What each stage may say. */
const checks: Record<string, (operand: unknown) => void> = {
  $match: checkFilter,
  $group: checkGroup,
  $sort: (sort) => {
    checkSort(sort)
    if (Object.keys(sort).length === 0) throw invalid('$sort needs at least one field')
  },
  $skip: (count) => checkCount('$skip', count, 0),
  $limit: (count) => checkCount('$limit', count, 1),
  $project: (projection) => {
    checkProjection(projection, true)
    if (Object.keys(projection).length === 0) throw invalid('$project needs at least one field')
  },
  $count: (name) => {
    if (typeof name !== 'string' || name === '' || name.startsWith('$') || name.includes('.')) {
      throw invalid('$count needs a field name')
    }
  },
}

function checkCount(name: string, count: unknown, least: number): void {
  if (!Number.isSafeInteger(count) || (count as number) < least) throw invalid(`${name} needs an integer of at least ${least}`)
}

/**
 * Refuses a pipeline before anything is read.
 * @throws AppError `data_invalid` where MongoDB refuses too, `data_unsupported` for other stages and expressions
 */
export function checkPipeline(pipeline: unknown): asserts pipeline is Document[] {
  if (!Array.isArray(pipeline)) throw invalid('A pipeline must be a list of stages')
  for (const stage of pipeline) {
    const [name, ...more] = isDocument(stage) ? Object.keys(stage) : []
    if (name === undefined || more.length > 0) throw invalid('A stage has exactly one operator')
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (check === undefined) throw unsupported(`The stage ${name} is not supported`)
    check(stage[name])
  }
}

/** A stage over all documents at once, in the shape mingo asks for. */
function whole<Operand>(work: (documents: Document[], operand: Operand) => Document[]) {
  return (documents: Stream, operand: Operand) => documents.transform((all) => Lazy(work(all as Document[], operand)))
}

const stages = {
  $match,
  $skip,
  $limit,
  $project: whole(projectDocuments),
  $sort: whole(sortDocuments),
  $group: whole(groupDocuments),
  $count: whole<string>((documents, name) => (documents.length === 0 ? [] : [{ [name]: documents.length }])),
}

const options = { ...mingoOptions, context: Context.from(mingoContext, Context.init({ pipeline: stages as never })) }

/** Runs stages that `checkPipeline` has passed. */
export function runPipeline(documents: Iterable<Document>, pipeline: Document[]): Document[] {
  return new Aggregator(pipeline, options).run<Document>(documents)
}
