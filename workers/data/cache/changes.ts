import { insertScored, removeScored } from './order'
import { sizeOf, type ValueOf } from './value'

/** The memory of one score, in bytes. */
const SCORE_SIZE = 8

/** Returns whether the field is new. */
export function setField(hash: ValueOf<'hash'>, field: string, text: string): boolean {
  const previous = hash.fields.get(field)
  hash.bytes += sizeOf(text) + (previous === undefined ? sizeOf(field) : -sizeOf(previous))
  hash.fields.set(field, text)
  if (previous === undefined) hash.slots?.add(field)
  return previous === undefined
}

/** Returns whether the field was there. */
export function dropField(hash: ValueOf<'hash'>, field: string): boolean {
  const text = hash.fields.get(field)
  if (text === undefined) return false
  hash.bytes -= sizeOf(field) + sizeOf(text)
  hash.slots?.delete(field)
  return hash.fields.delete(field)
}

/** Returns whether the member is new. */
export function addMember(set: ValueOf<'set'>, member: string): boolean {
  if (set.members.has(member)) return false
  set.members.add(member)
  set.bytes += sizeOf(member)
  set.slots?.add(member)
  return true
}

/** Returns whether the member was there. */
export function dropMember(set: ValueOf<'set'>, member: string): boolean {
  if (!set.members.delete(member)) return false
  set.bytes -= sizeOf(member)
  set.slots?.delete(member)
  return true
}

export function setScore(zset: ValueOf<'zset'>, member: string, score: number): void {
  const previous = zset.scores.get(member)
  if (previous === score) return
  if (previous === undefined) {
    zset.bytes += sizeOf(member) + SCORE_SIZE
    zset.slots?.add(member)
  } else removeScored(zset, [member, previous])
  zset.scores.set(member, score)
  insertScored(zset, [member, score])
}

/** Returns whether the member was there. */
export function dropScore(zset: ValueOf<'zset'>, member: string): boolean {
  const score = zset.scores.get(member)
  if (score === undefined) return false
  removeScored(zset, [member, score])
  zset.bytes -= sizeOf(member) + SCORE_SIZE
  zset.slots?.delete(member)
  return zset.scores.delete(member)
}
