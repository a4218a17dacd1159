import type { Document } from '../../../../shared/contracts/data'

/** An object or array of a document, whose fields or items are changed in place. */
export type Parent = Document | unknown[]

/** One operator at work on one field of its parent. `apply` returns whether the field changed. */
export type Change = {
  /** Whether missing objects on the way to the field are made, as `$set` does; otherwise a missing way changes nothing. */
  creates?: boolean
  apply: (parent: Parent, field: string) => boolean
}

/** Reads an operator's operand. `now` is milliseconds since 1970. @throws AppError `data_invalid`, `data_unsupported` */
export type Compile = (operand: unknown, path: string, now: number) => Change

export function put(parent: Parent, field: string, value: unknown): void {
  ;(parent as Document)[field] = value
}
