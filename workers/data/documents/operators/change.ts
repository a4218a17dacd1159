import type { Document } from '../../../../shared/contracts/data'

/** What an operator of an update does to one field. It changes the parent in place. */
export type Change = {
  /** Whether it creates missing objects on the path, as `$set` does; otherwise a missing object means that nothing changes. */
  creates?: boolean
  /** Returns whether the field changed. @throws AppError `data_invalid` for a field of the wrong type */
  apply: (parent: Document, field: string) => boolean
}

/** Checks and reads an operand. @throws AppError `data_invalid`, `data_unsupported` */
export type Compile = (operand: unknown, path: string) => Change
