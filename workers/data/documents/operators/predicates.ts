import { compareValues, sameValue, typeRank } from '../values/compare'
import { isObject } from '../values/value'
import { compileRegex } from './regex'
import { typeTest } from './type'

/** Says of one value, reached by a path, whether it satisfies a condition. `undefined` is a missing field. */
export type Test = (value: unknown) => boolean

/** The conditions as MongoDB judges one value by them: types never mix, and null also matches what is missing. */
export const comparisons: Record<string, (operand: unknown, expression: Record<string, unknown>) => Test> = {
  $eq: equals,
  $in: (operand) => memberOf(operand),
  $gt: (operand) => ordered(operand, (difference) => difference > 0),
  $gte: (operand) => ordered(operand, (difference) => difference >= 0),
  $lt: (operand) => ordered(operand, (difference) => difference < 0),
  $lte: (operand) => ordered(operand, (difference) => difference <= 0),
  $regex: (operand, { $options }) => {
    const pattern = compileRegex(operand, $options)
    return (value) => typeof value === 'string' && pattern.test(value)
  },
  $mod: (operand) => {
    const [divisor, rest] = (operand as number[]).map(Math.trunc)
    return (value) => typeof value === 'number' && Math.trunc(value) % (divisor ?? 1) === (rest ?? 0)
  },
  $type: typeTest,
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
  return (value) => value !== undefined && typeRank(value) === rank && holds(compareValues(value, operand))
}

/** The test of one value against an operator expression such as `{ $gt: 1, $ne: 5 }`. */
export function valueTest(expression: Record<string, unknown>): Test {
  const tests = Object.entries(expression).flatMap(([operator, operand]): Test[] => {
    if (operator === '$options') return []
    if (operator === '$not') return [not(valueTest(operand as Record<string, unknown>))]
    const positive = negations[operator]
    const test = comparisons[positive ?? operator]?.(operand, expression) ?? (() => false)
    return [positive === undefined ? test : not(test)]
  })
  return (value) => tests.every((test) => test(value))
}

const not =
  (test: Test): Test =>
  (value) =>
    !test(value)

/** Whether a condition is made of operators, such as `{ $gt: 1 }`, and is not a value to be equal to. */
export function isExpression(condition: unknown): condition is Record<string, unknown> {
  return isObject(condition) && Object.keys(condition).some((key) => key.startsWith('$'))
}
