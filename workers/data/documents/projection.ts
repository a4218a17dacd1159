import { Lazy } from 'mingo/lazy'
import { $project } from 'mingo/operators/pipeline'
import type { Options } from 'mingo/types'
import type { Document, Projection } from '../../../shared/contracts/data'
import { mingoOptions } from './language'
import { checkPath } from './path'
import { invalid, isDocument, unsupported } from './value'

/**
 * Refuses what a projection may not say. `computed` also lets a field be another field's value, such as `'$total'`.
 * @throws AppError `data_invalid`, `data_unsupported`
 */
export function checkProjection(projection: unknown, computed = false): asserts projection is Projection {
  if (!isDocument(projection)) throw invalid('A projection must be an object')
  const modes = new Set<string>()
  const paths = Object.keys(projection)
  for (const [path, value] of Object.entries(projection)) {
    checkPath(path, 'projection')
    if (computed && isFieldPath(value)) checkPath(value.slice(1), 'projection')
    else if (![0, 1, true, false].includes(value)) throw unsupported(`The projection of '${path}' is not supported`)
    if (value === 0 || value === false) {
      if (path !== '_id') modes.add('out')
    } else if (path !== '_id' || paths.length === 1) modes.add('in')
    if (paths.some((other) => other.startsWith(`${path}.`))) throw invalid(`The projection names '${path}' and a part of it`)
  }
  if (modes.size > 1) throw invalid('A projection either names the fields to keep or those to leave out')
  if (modes.has('out') && (projection._id === 1 || projection._id === true)) {
    throw unsupported('A projection that leaves fields out keeps _id by itself')
  }
}

/** Whether an expression is a plain field path such as `'$seller.id'`. */
export function isFieldPath(value: unknown): value is string {
  return typeof value === 'string' && /^\$[^$]/.test(value)
}

/** The documents with only the projected fields. */
export function projectDocuments(documents: Document[], projection: Projection | undefined): Document[] {
  if (projection === undefined || Object.keys(projection).length === 0) return documents
  return $project(Lazy(documents), projection, mingoOptions as Options).collect() as Document[]
}
