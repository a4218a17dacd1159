import type { Document } from '../../../../shared/contracts/data'

/** One operator of an update at work on one field of its parent, which is changed in place. */
export type Change = {
  /** Whether missing objects on the way to the field are made, as `$set` does; otherwise a missing way changes nothing. */
  creates?: boolean
  /** Returns whether the field changed. @throws AppError `data_invalid` for a field of the wrong type */
  apply: (parent: Document, field: string) => boolean
}

/** Reads an operator's operand. @throws AppError `data_invalid`, `data_unsupported` */
export type Compile = (operand: unknown, path: string) => Change
