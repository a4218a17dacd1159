import { Aggregator } from 'mingo/aggregator'
import { Context } from 'mingo/core'
import { Lazy, type Iterator as Stream } from 'mingo/lazy'
import { $limit, $skip } from 'mingo/operators/pipeline'
import type { Document, Filter } from '../../../../shared/contracts/data'
import { invalid, unsupported } from '../values/refusal'
import { isObject } from '../values/value'
import { checkFilter } from './filter'
import { checkGroup, groupDocuments } from './group'
import { compileFilter } from './matcher'
import { checkProjection, projectDocuments } from './projection'
import { addFields, checkAddFields, checkFieldPath, checkUnset, checkUnwind, replaceRoot, unset, unwind } from './reshape'
import { checkSort, sortDocuments } from './sort'

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
  $unwind: checkUnwind,
  $addFields: checkAddFields,
  $set: checkAddFields,
  $unset: checkUnset,
  $replaceRoot: (operand) => checkFieldPath(isObject(operand) ? operand.newRoot : undefined, '$replaceRoot'),
  $replaceWith: (path) => checkFieldPath(path, '$replaceWith'),
  $sortByCount: (path) => checkFieldPath(path, '$sortByCount'),
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
    const [name, ...more] = isObject(stage) ? Object.keys(stage) : []
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
  $match: whole<Filter>((documents, filter) => documents.filter(compileFilter(filter))),
  $skip,
  $limit,
  $project: whole(projectDocuments),
  $sort: whole(sortDocuments),
  $group: whole(groupDocuments),
  $unwind: whole(unwind),
  $addFields: whole(addFields),
  $set: whole(addFields),
  $unset: whole(unset),
  $replaceRoot: whole<{ newRoot: string }>((documents, { newRoot }) => replaceRoot(documents, newRoot)),
  $replaceWith: whole(replaceRoot),
  $sortByCount: whole<string>((documents, path) =>
    sortDocuments(groupDocuments(documents, { _id: path, count: { $sum: 1 } }), { count: -1 }),
  ),
  $count: whole<string>((documents, name) => (documents.length === 0 ? [] : [{ [name]: documents.length }])),
}

const options = { context: Context.init({ pipeline: stages as never }), scriptEnabled: false }

/** Runs stages that `checkPipeline` has passed. */
export function runPipeline(documents: Iterable<Document>, pipeline: Document[]): Document[] {
  return new Aggregator(pipeline, options).run<Document>(documents)
}
