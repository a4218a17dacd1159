import { compareValues, sameValue, typeRank } from './compare'
import { isDocument } from './value'

/** Says of one value, reached by a path, whether it satisfies a condition. `undefined` is a missing field. */
type Test = (value: unknown) => boolean

/** The comparisons as MongoDB makes them for one value: types never mix, and null also matches what is missing. */
export const comparisons: Record<string, (operand: unknown) => Test> = {
  $eq: equals,
  $in: (operand) => memberOf(operand),
  $gt: (operand) => ordered(operand, (difference) => difference > 0),
  $gte: (operand) => ordered(operand, (difference) => difference >= 0),
  $lt: (operand) => ordered(operand, (difference) => difference < 0),
  $lte: (operand) => ordered(operand, (difference) => difference <= 0),
}

/** The comparisons that hold when another one does not. */
export const negations: Record<string, string> = { $ne: '$eq', $nin: '$in' }

function equals(operand: unknown): Test {
  if (operand === null) return (value) => value === null || value === undefined
  if (typeof operand !== 'object') return (value) => value === operand
  return (value) => value !== undefined && sameValue(value, operand)
}

function memberOf(operand: unknown): Test {
  const list = Array.isArray(operand) ? operand : []
  const scalars = new Set(list.filter((item) => typeof item !== 'object' || item === null))
  if (scalars.has(null)) scalars.add(undefined)
  const others = list.filter((item) => typeof item === 'object' && item !== null)
  if (others.length === 0) return (value) => scalars.has(value)
  return (value) => scalars.has(value) || (value !== undefined && others.some((item) => sameValue(value, item)))
}

function ordered(operand: unknown, holds: (difference: number) => boolean): Test {
  const rank = typeRank(operand)
  return (value) => typeRank(value) === rank && holds(compareValues(value, operand))
}

/** The test of one value against an operator expression such as `{ $gt: 1, $ne: 5 }`. */
export function valueTest(expression: object): Test {
  const tests = Object.entries(expression).map(([operator, operand]): Test => {
    const positive = negations[operator]
    const test = comparisons[positive ?? operator]?.(operand) ?? (() => false)
    return positive === undefined ? test : (value) => !test(value)
  })
  return (value) => tests.every((test) => test(value))
}

/** Whether a condition is made of operators, such as `{ $gt: 1 }`, and is not a value to be equal to. */
export function isExpression(condition: unknown): condition is Record<string, unknown> {
  return isDocument(condition) && Object.keys(condition).some((key) => key.startsWith('$'))
}
