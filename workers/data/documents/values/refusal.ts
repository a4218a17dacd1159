import { AppError } from '../../../../shared/contracts/errors'

/** The refusal of an operation that MongoDB refuses too. */
export function invalid(detail: string): AppError {
  return new AppError('data_invalid', detail)
}

/** The refusal of an operation that MongoDB would do and this engine does not. */
export function unsupported(detail: string): AppError {
  return new AppError('data_unsupported', detail)
}
