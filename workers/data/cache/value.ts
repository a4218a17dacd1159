import type { Slots } from './slots'

export type Scored = readonly [member: string, score: number]

/**
 * What a key holds. `bytes` is an estimate of its memory, kept up to date by whoever changes it. `slots` is there from the first
 * scan of a large collection on, and `order` from the first look at a sorted set in its order on.
 */
export type Value =
  | { type: 'string'; text: string; bytes: number }
  | { type: 'hash'; fields: Map<string, string>; bytes: number; slots?: Slots }
  | { type: 'set'; members: Set<string>; bytes: number; slots?: Slots }
  | { type: 'zset'; scores: Map<string, number>; bytes: number; slots?: Slots; order?: Scored[] }
  | { type: 'list'; items: string[]; bytes: number }

export type Type = Value['type']
export type ValueOf<T extends Type> = Extract<Value, { type: T }>

const makers: { [T in Type]: () => ValueOf<T> } = {
  string: () => ({ type: 'string', text: '', bytes: 0 }),
  hash: () => ({ type: 'hash', fields: new Map(), bytes: 0 }),
  set: () => ({ type: 'set', members: new Set(), bytes: 0 }),
  zset: () => ({ type: 'zset', scores: new Map(), bytes: 0 }),
  list: () => ({ type: 'list', items: [], bytes: 0 }),
}

export function emptyValue<T extends Type>(type: T): ValueOf<T> {
  return makers[type]()
}

/** A value of its own with the same content. */
export function copyOf(value: Value): Value {
  const { type, bytes } = value
  switch (type) {
    case 'string':
      return { ...value }
    case 'hash':
      return { type, bytes, fields: new Map(value.fields) }
    case 'set':
      return { type, bytes, members: new Set(value.members) }
    case 'zset':
      return { type, bytes, scores: new Map(value.scores) }
    case 'list':
      return { type, bytes, items: [...value.items] }
    default:
      return value satisfies never
  }
}

/** An estimate of the memory of one string in a collection, in bytes. */
export function sizeOf(text: string): number {
  return text.length * 2 + 32
}

/** Redis forgets a collection with its last item; an empty string stays. */
export function isEmpty(value: Value): boolean {
  switch (value.type) {
    case 'string':
      return false
    case 'hash':
      return value.fields.size === 0
    case 'set':
      return value.members.size === 0
    case 'zset':
      return value.scores.size === 0
    case 'list':
      return value.items.length === 0
    default:
      return value satisfies never
  }
}
