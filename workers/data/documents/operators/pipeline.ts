import type { Document } from '../../../../shared/contracts/data'
import { invalid, unsupported } from '../values/refusal'
import { isObject } from '../values/value'
import { compileGroup } from './group'
import { compileFilter } from './matcher'
import { checkProjection, projectDocuments } from './projection'
import { checkSort, sortDocuments } from './sort'

type Stage = (documents: Document[]) => Document[]

const stages: Readonly<Record<string, (operand: unknown) => Stage>> = {
  $match: (filter) => {
    const matches = compileFilter(filter)
    return (documents) => documents.filter(matches)
  },
  $group: compileGroup,
  $sort: (sort) => {
    checkSort(sort)
    if (Object.keys(sort).length === 0) throw invalid('$sort needs at least one field')
    return (documents) => sortDocuments(documents, sort)
  },
  $skip: (operand) => {
    const count = integerOf('$skip', operand, 0)
    return (documents) => documents.slice(count)
  },
  $limit: (operand) => {
    const count = integerOf('$limit', operand, 1)
    return (documents) => documents.slice(0, count)
  },
  $project: (projection) => {
    checkProjection(projection)
    if (Object.keys(projection).length === 0) throw invalid('$project needs at least one field')
    return (documents) => projectDocuments(documents, projection)
  },
  $count: (name) => {
    if (typeof name !== 'string' || name === '' || name.startsWith('$') || name.includes('.'))
      throw invalid('$count needs a field name')
    return (documents) => (documents.length === 0 ? [] : [{ [name]: documents.length }])
  },
}

function integerOf(stage: string, count: unknown, least: number): number {
  if (!Number.isSafeInteger(count) || (count as number) < least) throw invalid(`${stage} needs an integer of at least ${least}`)
  return count as number
}

/**
 * Compiles a pipeline, so that it is refused before any document is read.
 * @throws AppError `data_invalid` where MongoDB refuses too, `data_unsupported` for MongoDB's other stages and expressions, by name
 */
export function compilePipeline(pipeline: unknown): Stage {
  if (!Array.isArray(pipeline)) throw invalid('A pipeline must be a list of stages')
  const compiled = pipeline.map((stage): Stage => {
    const [entry, ...more] = isObject(stage) ? Object.entries(stage) : []
    if (entry === undefined || more.length > 0) throw invalid('A stage has exactly one operator')
    const [name, operand] = entry
    const compile = Object.hasOwn(stages, name) ? stages[name] : undefined
    if (compile === undefined) throw unsupported(`The stage ${name} is not supported`)
    return compile(operand)
  })
  return (documents) => compiled.reduce((found, run) => run(found), documents)
}
