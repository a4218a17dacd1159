import type { Json } from '../../../shared/contracts/data'
import type { Store } from './store'

/** A command's answer to its arguments; `name` is its own in lower case. @throws ReplyError */
export type Command = (store: Store, args: string[], name: string) => Json

/** Commands of one family by name, each with Redis' arity: arguments counting the name, negative for "at least". */
export type Commands = Record<string, [arity: number, command: Command]>

/** An error as Redis replies it. */
export class ReplyError extends Error {}

export const wrongType = () => new ReplyError('WRONGTYPE Operation against a key holding the wrong kind of value')
export const syntaxError = () => new ReplyError('ERR syntax error')
export const notInteger = () => new ReplyError('ERR value is not an integer or out of range')
export const notFloat = () => new ReplyError('ERR value is not a valid float')
const notPositive = () => new ReplyError('ERR value is out of range, must be positive')
export const wrongArguments = (name: string) => new ReplyError(`ERR wrong number of arguments for '${name}' command`)
export const noSuchKey = () => new ReplyError('ERR no such key')

const LEAST = -(2n ** 63n)
const MOST = 2n ** 63n - 1n

/** A 64-bit integer written as Redis takes it: no sign but minus, no leading zeros or spaces. @throws ReplyError */
export function bigIntegerOf(text: string | undefined, error = notInteger): bigint {
  if (text === undefined || !/^(0|-?[1-9]\d{0,18})$/.test(text)) throw error()
  const value = BigInt(text)
  if (value < LEAST || value > MOST) throw error()
  return value
}

export function integerOf(text: string | undefined, error = notInteger): number {
  return Number(bigIntegerOf(text, error))
}

/** An integer of 0 or more. @throws ReplyError `error` for anything else */
export function countOf(text: string | undefined, error = notPositive): number {
  const count = integerOf(text, error)
  if (count < 0) throw error()
  return count
}

/** The sum of two 64-bit integers. @throws ReplyError on overflow */
export function addIntegers(left: bigint, right: bigint): bigint {
  const sum = left + right
  if (sum < LEAST || sum > MOST) throw new ReplyError('ERR increment or decrement would overflow')
  return sum
}

/** A score; infinities are written inf. @throws ReplyError */
export function floatOf(text: string | undefined, error = notFloat): number {
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text ?? '')
  if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (text === undefined || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw error()
  return Number(text)
}

/** The shortest text that means the same number, as Redis writes scores from 7.2 on. */
export function floatText(value: number): string {
  if (Object.is(value, -0)) return '-0'
  if (Number.isFinite(value)) return String(value)
  return value > 0 ? 'inf' : '-inf'
}

/** Items `start` to `stop`, both included; negative ones count from the end. */
export function slice<T>(items: readonly T[], start: number, stop: number): T[] {
  const from = start < 0 ? Math.max(0, items.length + start) : start
  const to = stop < 0 ? items.length + stop : stop
  return to < from ? [] : items.slice(from, to + 1)
}

/** Arguments two by two. @throws ReplyError when one is left over */
export function pairs(args: readonly string[], name: string): [string, string][] {
  if (args.length % 2 !== 0) throw wrongArguments(name)
  const found: [string, string][] = []
  for (let at = 0; at < args.length; at += 2) found.push([args[at] ?? '', args[at + 1] ?? ''])
  return found
}
