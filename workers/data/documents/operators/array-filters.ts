import type { Filter } from '../../../../shared/contracts/data'
import { decoded } from '../values/ejson'
import { invalid } from '../values/refusal'
import { isObject } from '../values/value'
import { checkFilter } from './filter'
import { compileFilter } from './matcher'

/** Which items of an array the parts `$[]` and `$[name]` of a path mean. */
export type ItemTests = ReadonlyMap<string, (item: unknown) => boolean>

/**
 * The tests of array filters, by the part of a path that means them. `used` are all such parts of an update.
 * @throws AppError `data_invalid` as MongoDB, also for a filter that no path uses and a path without its filter
 */
export function compileArrayFilters(filters: unknown, used: ReadonlySet<string>): ItemTests {
  if (!Array.isArray(filters)) throw invalid('arrayFilters must be a list of filters')
  const tests = new Map<string, (item: unknown) => boolean>([['$[]', () => true]])
  for (const written of filters) {
    const filter = decoded(written)
    const name = nameOf(filter)
    const part = `$[${name}]`
    if (tests.has(part)) throw invalid(`There is more than one array filter for '${name}'`)
    if (!used.has(part)) throw invalid(`The array filter '${name}' is not used in the update`)
    checkFilter(filter)
    const matches = compileFilter(filter)
    tests.set(part, (item) => matches({ [name]: item }))
  }
  for (const part of used) if (!tests.has(part)) throw invalid(`There is no array filter for ${part}`)
  return tests
}

function nameOf(filter: unknown): string {
  const [name, other] = new Set(isObject(filter) ? fieldsOf(filter) : [])
  if (name === undefined || other !== undefined || !/^[a-z][A-Za-z0-9]*$/.test(name)) {
    throw invalid('An array filter is about one name, of a small letter and then letters and digits')
  }
  return name
}

function fieldsOf(filter: Filter): string[] {
  return Object.entries(filter).flatMap(([key, condition]) => {
    if (!key.startsWith('$')) return [key.split('.')[0] ?? '']
    return Array.isArray(condition) ? condition.flatMap((clause) => (isObject(clause) ? fieldsOf(clause) : [])) : []
  })
}
