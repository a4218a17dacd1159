import { fieldOf, isObject } from '../values/value'

/** Whether an expression is a plain field path such as `'$seller.id'`. */
export function isFieldPath(value: unknown): value is string {
  return typeof value === 'string' && /^\$[^$]/.test(value)
}

/**
 * A field path's value as aggregation reads it, undefined when it is missing; anything else is itself. An array on the way gives the
 * array of what its objects have, and arrays in it nothing.
 */
export function evaluate(document: unknown, expression: unknown): unknown {
  return isFieldPath(expression) ? read(document, expression.slice(1).split('.')) : expression
}

function read(value: unknown, [part, ...rest]: string[]): unknown {
  if (part === undefined) return value
  if (!isObject(value)) return undefined
  const next = fieldOf(value, part)
  if (rest.length === 0 || !Array.isArray(next)) return read(next, rest)
  return next.flatMap((item) => {
    const found = isObject(item) ? read(item, rest) : undefined
    return found === undefined ? [] : [found]
  })
}
