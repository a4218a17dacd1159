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
const notInteger = () => new ReplyError('ERR value is not an integer or out of range')
const notFloat = () => new ReplyError('ERR value is not a valid float')
export const wrongArguments = (name: string) => new ReplyError(`ERR wrong number of arguments for '${name}' command`)

const LEAST = -(2n ** 63n)
const MOST = 2n ** 63n - 1n

/** A 64-bit integer written as Redis takes it: no sign but minus, no leading zeros or spaces. @throws ReplyError */
export function bigIntegerOf(text: string | undefined): bigint {
  if (text === undefined || !/^(0|-?[1-9]\d{0,18})$/.test(text)) throw notInteger()
  const value = BigInt(text)
  if (value < LEAST || value > MOST) throw notInteger()
  return value
}

export function integerOf(text: string | undefined): number {
  return Number(bigIntegerOf(text))
}

/** The sum of two 64-bit integers. @throws ReplyError on overflow */
export function addIntegers(left: bigint, right: bigint): bigint {
  const sum = left + right
  if (sum < LEAST || sum > MOST) throw new ReplyError('ERR increment or decrement would overflow')
  return sum
}

/** A score; infinities are written inf. @throws ReplyError */
export function floatOf(text: string | undefined): number {
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text ?? '')
  if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (text === undefined || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw notFloat()
  return Number(text)
}

export function floatText(value: number): string {
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
  return args.flatMap((arg, at) => (at % 2 === 0 ? [[arg, args[at + 1] ?? ''] as [string, string]] : []))
}
